import { enlarge } from '../rows/enlarge.ts';
import { hashText } from '../rows/hash-text.ts';

/** On which lines an id may stand. */
export interface IdIndex {
  /** Takes the id of the next line; null: it has none. */
  add(id: string | null): void;
  /** Lines whose id has the hash of this one, in their order: almost always one, and to be compared. */
  candidates(id: string): Generator<number>;
}

/** Lines without an id: no id has this hash. */
const NONE = 0;

/**
 * 32 bits a line, searched from end to end: 5 million lines take 20 MB and some milliseconds, where a map of names would
 * take half a gigabyte.
 */
export function createIdIndex(): IdIndex {
  let hashes = new Uint32Array(1024);
  let count = 0;
  return {
    add: (id) => {
      if (count === hashes.length) hashes = enlarge(hashes, new Uint32Array(count * 2));
      hashes[count++] = id === null ? NONE : hash(id);
    },
    candidates: function* (id) {
      const wanted = hash(id);
      const last = count;
      for (let at = hashes.indexOf(wanted); at !== -1 && at < last; at = hashes.indexOf(wanted, at + 1)) yield at;
    },
  };
}

/** 32 bits, never `NONE`. */
const hash = (id: string): number => hashText(id) || 1;
