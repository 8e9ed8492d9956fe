import { NONE, tableSize } from './band-chains.ts';
import type { ReadTexts } from './catalogue.ts';
import { sharedUint32 } from './shared-array.ts';

/** Parts that words are told apart into, so that threads can share them. */
export const TWIN_PARTS = 2 ** 16;

/** What twins are found by, and what is found; in shared memory. */
export interface Twins {
  /** Numbers of all texts, best first. */
  readonly order: Uint32Array<SharedArrayBuffer>;
  /** 64 bits a text: those of its words in order. */
  readonly identities: Uint32Array<SharedArrayBuffer>;
  /** For each text the best one with the same words, maybe itself. */
  readonly best: Uint32Array<SharedArrayBuffer>;
}

/** Finds the best of the texts with the same words, among words of the parts `[from, to)`. */
export function findTwins({ order, identities, best }: Twins, from: number, to: number): void {
  const isIn = (text: number): boolean => {
    const part = (identities[2 * text + 1] as number) >>> 16;
    return part >= from && part < to;
  };
  let texts = 0;
  for (let text = 0; text < order.length; text++) if (isIn(text)) texts++;
  const size = tableSize(texts);
  const mask = size - 1;
  const slots = new Uint32Array(size).fill(NONE);
  for (const text of order) {
    if (!isIn(text)) continue;
    const low = identities[2 * text] as number;
    const high = identities[2 * text + 1] as number;
    let slot = low & mask;
    for (; slots[slot] !== NONE; slot = (slot + 1) & mask) {
      const other = slots[slot] as number;
      if (identities[2 * other] === low && identities[2 * other + 1] === high) break;
    }
    if (slots[slot] === NONE) slots[slot] = text;
    best[text] = slots[slot] as number;
  }
}

/** Sends texts with the same words to the best of them. */
export function takeTwins({ order, best }: Twins): Pick<ReadTexts, 'rest' | 'ranks'> {
  const rest = sharedUint32(order.length);
  const ranks = sharedUint32(order.length);
  let left = 0;
  for (const text of order) {
    const twin = best[text] as number;
    if (twin === text) {
      ranks[text] = left;
      rest[left++] = text;
    } else ranks[text] = ranks[twin] as number;
  }
  return { rest: rest.subarray(0, left), ranks };
}
