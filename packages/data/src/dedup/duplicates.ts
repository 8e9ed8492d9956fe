// What becomes of a text.
export const STAYS = 0;
/** Another has the same words in the same order. */
export const EXACT = 1;
/** Another is similar enough. */
export const NEAR = 2;

/** What was found, by number of text. */
export interface Duplicates {
  /** For each text the one that stands for it: itself where it stays. */
  readonly keeper: Uint32Array;
  /** Jaccard similarity to the keeper, 0..1; 1 for what stays and for exact duplicates of it. */
  readonly similarity: Float32Array;
  /** `STAYS`, `EXACT` or `NEAR`; an exact duplicate of a text that goes is exact. */
  readonly fate: Uint8Array;
}

/** How many texts have that fate. */
export function countFate({ fate }: Duplicates, wanted: number): number {
  let count = 0;
  for (const one of fate) if (one === wanted) count++;
  return count;
}
