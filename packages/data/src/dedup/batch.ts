import { NONE } from './band-chains.ts';
import { SHORT } from './block-reader.ts';
import { mostRarest } from './rarest-shingles.ts';
import { sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';

/** Texts that are settled together: many jobs for all threads, few enough for the second cache (chosen). */
export const BATCH = 8192;

/** What the search before a batch leaves to the search inside it, by place in the batch; in shared memory. */
export interface Batch {
  /** 16 a text, see `exitPlace`: where each of its chains leaves the batch, then the nearest keeper there. */
  readonly exits: Uint32Array<SharedArrayBuffer>;
  /** Its rarest shingles, `mostRarest(SHORT)` a text, and how many there are. */
  readonly rarest: Uint32Array<SharedArrayBuffer>;
  readonly rarestCounts: Uint32Array<SharedArrayBuffer>;
}

export function makeBatch(threshold: number): Batch {
  return {
    exits: sharedUint32(2 * BATCH * BANDS),
    rarest: sharedUint32(BATCH * mostRarest(SHORT, threshold)),
    rarestCounts: sharedUint32(BATCH),
  };
}

/** Where the exits of a text are: every other batch in one half, so that those of the next are found while one is settled. */
export const exitPlace = (text: number): number => (text % (2 * BATCH)) * BANDS;

/** Follows each chain of the texts `[first, end)`, a batch, to where it leaves the batch. */
export function findExits(links: Uint32Array, exits: Uint32Array, first: number, end: number): void {
  const here = exitPlace(first);
  const from = first * BANDS;
  for (let at = from; at < end * BANDS; at++) {
    const other = links[at] as number;
    exits[here + at - from] =
      other === NONE || other < first ? other : (exits[here + (other - first) * BANDS + (at % BANDS)] as number);
  }
}
