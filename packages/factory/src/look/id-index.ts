/** On which lines an id may stand. */
export interface IdIndex {
  /** Takes the id of the next line; null: it has none. */
  add(id: string | null): void;
  /** Lines whose id has the hash of this one, in their order: almost always one, and to be compared. */
  candidates(id: string): Generator<number>;
}

/** Lines without an id; FNV never gives it for what is indexed, see `hash`. */
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
      if (count === hashes.length) {
        const wider = new Uint32Array(count * 2);
        wider.set(hashes);
        hashes = wider;
      }
      hashes[count++] = id === null ? NONE : hash(id);
    },
    candidates: function* (id) {
      const wanted = hash(id);
      const last = count;
      for (let at = hashes.indexOf(wanted); at !== -1 && at < last; at = hashes.indexOf(wanted, at + 1)) yield at;
    },
  };
}

/** FNV-1a over UTF-16 units, never `NONE`. @see Fowler, Noll, Vo; RFC 9923. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0 || 1;
}
