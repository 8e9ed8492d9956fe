// Status of a text.
/** No text with a higher priority is a duplicate of it. */
export const KEPT = 0;
/** Another text has the same words in the same order. */
export const EXACT = 1;
/** Its similarity to a kept text reaches the threshold. */
export const NEAR = 2;

/** Result of a search, by text number. */
export interface Duplicates {
  /** For each text the kept text it is a duplicate of; a kept text is its own. */
  readonly canonical: Uint32Array;
  /** Jaccard similarity to the canonical text, 0..1; 1 for kept texts and their exact duplicates. */
  readonly similarity: Float32Array;
  /** `KEPT`, `EXACT` or `NEAR`. Exact duplicates are `EXACT` even if the text they equal is itself removed as `NEAR`. */
  readonly status: Uint8Array;
}

/** Number of texts with a status. */
export function countStatus({ status }: Duplicates, wanted: number): number {
  let count = 0;
  for (const one of status) if (one === wanted) count++;
  return count;
}
