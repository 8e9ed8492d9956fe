import { SHORT } from './block-reader.ts';
import { mostRarest } from './rarest-shingles.ts';
import { sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';

/** Texts that are settled together: many jobs for all threads, few enough for the second cache (chosen). */
export const BATCH = 8192;

/** What the search before a batch leaves to the search inside it, by place in the batch; in shared memory. */
export interface Batch {
  /** 16 a text: the nearest keeper before the batch on each of its chains. */
  readonly exits: Uint32Array<SharedArrayBuffer>;
  /** Its rarest shingles, `mostRarest(SHORT)` a text, and how many there are. */
  readonly rarest: Uint32Array<SharedArrayBuffer>;
  readonly rarestCounts: Uint32Array<SharedArrayBuffer>;
}

export function makeBatch(threshold: number): Batch {
  return {
    exits: sharedUint32(BATCH * BANDS),
    rarest: sharedUint32(BATCH * mostRarest(SHORT, threshold)),
    rarestCounts: sharedUint32(BATCH),
  };
}
