import { NONE } from './band-linker.ts';
import { SHORT } from './block-reader.ts';
import { prefixLength } from './prefix-shingles.ts';
import { sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';

/** Texts assigned together: enough for many tasks, few enough for the L2 cache (chosen). */
export const BATCH_TEXTS = 8192;

/** What the search in earlier batches leaves for the search within the batch, by place in the batch; in shared memory. */
export interface AssignmentBatch {
  /** 16 a text, at `boundaryOffset`: the first text of each chain that lies before the batch, then the nearest canonical text there. */
  readonly boundaries: Uint32Array<SharedArrayBuffer>;
  /** Prefix shingles, room for `prefixLength(SHORT)` a text, and how many there are. */
  readonly prefixes: Uint32Array<SharedArrayBuffer>;
  readonly prefixCounts: Uint32Array<SharedArrayBuffer>;
}

export function createBatch(threshold: number): AssignmentBatch {
  return {
    boundaries: sharedUint32(2 * BATCH_TEXTS * BANDS),
    prefixes: sharedUint32(BATCH_TEXTS * prefixLength(SHORT, threshold)),
    prefixCounts: sharedUint32(BATCH_TEXTS),
  };
}

/** Where the boundaries of a text start. Batches alternate between two halves, so that those of the next are found while one is assigned. */
export const boundaryOffset = (text: number): number => (text % (2 * BATCH_TEXTS)) * BANDS;

/** Follows each chain of the batch `[first, end)` to the first text before the batch, or `NONE`. */
export function findChainBoundaries(links: Uint32Array, boundaries: Uint32Array, first: number, end: number): void {
  const here = boundaryOffset(first);
  const from = first * BANDS;
  for (let at = from; at < end * BANDS; at++) {
    const other = links[at] as number;
    boundaries[here + at - from] =
      other === NONE || other < first ? other : (boundaries[here + (other - first) * BANDS + (at % BANDS)] as number);
  }
}
