import { NONE, tableSize } from './band-linker.ts';
import type { ReadTexts } from './candidate-index.ts';
import { sharedUint32 } from './shared-array.ts';

/** Number of hash partitions; threads process disjoint ranges of them. */
export const HASH_PARTITIONS = 2 ** 16;

/** Input and result of the grouping, in shared memory. */
export interface ExactGroups {
  /** Numbers of all texts, highest priority first. */
  readonly order: Uint32Array<SharedArrayBuffer>;
  /** Two 32-bit halves a text: a hash of its words in order. */
  readonly textHashes: Uint32Array<SharedArrayBuffer>;
  /** For each text the highest-priority text with the same words, which may be itself. */
  readonly best: Uint32Array<SharedArrayBuffer>;
}

/** Fills `best` for the texts whose hash lies in the partitions `[from, to)`. */
export function groupExactDuplicates({ order, textHashes, best }: ExactGroups, from: number, to: number): void {
  const isIn = (text: number): boolean => {
    const part = (textHashes[2 * text + 1] as number) >>> 16;
    return part >= from && part < to;
  };
  let texts = 0;
  for (let text = 0; text < order.length; text++) if (isIn(text)) texts++;
  const size = tableSize(texts);
  const mask = size - 1;
  const slots = new Uint32Array(size).fill(NONE);
  for (const text of order) {
    if (!isIn(text)) continue;
    const low = textHashes[2 * text] as number;
    const high = textHashes[2 * text + 1] as number;
    let slot = low & mask;
    for (; slots[slot] !== NONE; slot = (slot + 1) & mask) {
      const other = slots[slot] as number;
      if (textHashes[2 * other] === low && textHashes[2 * other + 1] === high) break;
    }
    if (slots[slot] === NONE) slots[slot] = text;
    best[text] = slots[slot] as number;
  }
}

/** Ranks texts with different words by priority; exact duplicates share the rank of their `best`. */
export function rankDistinctTexts({ order, best }: ExactGroups): Pick<ReadTexts, 'distinct' | 'ranks'> {
  const distinct = sharedUint32(order.length);
  const ranks = sharedUint32(order.length);
  let count = 0;
  for (const text of order) {
    const canonical = best[text] as number;
    if (canonical === text) {
      ranks[text] = count;
      distinct[count++] = text;
    } else ranks[text] = ranks[canonical] as number;
  }
  return { distinct: distinct.subarray(0, count), ranks };
}
