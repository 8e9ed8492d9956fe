import { NONE, tableSize } from './band-chains.ts';

/**
 * Sends texts with the same words (by 64 bits) to the best of them.
 *
 * @param order - Numbers of all texts, best first.
 * @param identities - 64 bits a text.
 * @returns `rest`: the numbers of those that are left, best first; `ranks`: for each text the place in `rest` of the one
 * that has its words.
 */
export function takeTwins(order: Uint32Array, identities: Uint32Array): { rest: Uint32Array; ranks: Uint32Array } {
  const size = tableSize(order.length);
  const mask = size - 1;
  const slots = new Uint32Array(size).fill(NONE);
  const rest = new Uint32Array(order.length);
  const ranks = new Uint32Array(order.length);
  let left = 0;
  for (const text of order) {
    const low = identities[2 * text] as number;
    const high = identities[2 * text + 1] as number;
    let slot = low & mask;
    for (; slots[slot] !== NONE; slot = (slot + 1) & mask) {
      const other = rest[slots[slot] as number] as number;
      if (identities[2 * other] === low && identities[2 * other + 1] === high) break;
    }
    if (slots[slot] === NONE) {
      rest[left] = text;
      slots[slot] = left++;
    }
    ranks[text] = slots[slot] as number;
  }
  return { rest: rest.subarray(0, left), ranks };
}
