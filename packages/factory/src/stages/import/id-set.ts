import { hash } from 'node:crypto';

/**
 * Which names have been seen, in 8 to 16 bytes a name: a set of strings would take a hundred. Names count as equal when
 * 52 bits of their hashes are: among 4.5 million, one pair in 450 sets is taken for a repeat and is none.
 */
export function createIdSet(): { add(id: string): boolean } {
  let places = new Float64Array(1024);
  let used = 0;

  /** Where this hash is, or where it goes. 0 is an empty place. */
  const find = (key: number): number => {
    let at = key % places.length;
    while (places[at] !== 0 && places[at] !== key) at = (at + 1) % places.length;
    return at;
  };
  const grow = (): void => {
    const old = places;
    places = new Float64Array(old.length * 2);
    for (const key of old) if (key !== 0) places[find(key)] = key;
  };

  return {
    /** Whether it is new. */
    add: (id) => {
      const digest = hash('sha1', id, 'buffer');
      const key = digest.readUInt32LE(0) * 2 ** 20 + (digest.readUInt32LE(4) >>> 12) + 1;
      const at = find(key);
      if (places[at] === key) return false;
      places[at] = key;
      if (++used * 2 > places.length) grow();
      return true;
    },
  };
}
