import { enlarge } from '../rows/enlarge.ts';
import { hashText } from '../rows/hash-text.ts';

/** Finds the lines that may have an id. */
export interface IdIndex {
  /** Adds the id of the next line; null if it has none. */
  add(id: string | null): void;
  /** Lines whose id has the same hash, in order. Almost always one; the caller compares the ids. */
  candidates(id: string): Generator<number>;
}

/** Marks lines without an id: no id has this hash. */
const NONE = 0;

/**
 * 32 bits a line, searched linearly: 5 million lines take 20 MB and a few milliseconds; a map of ids would take half a
 * gigabyte.
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

/** A hash of 32 bits that is never `NONE`. */
const hash = (id: string): number => hashText(id) || 1;
