import { isShort, needsSketch } from './block-reader.ts';
import { RecordReader, type Records } from './record-reader.ts';
import { sharedFloat32, sharedFloat64, sharedUint32 } from './shared-array.ts';
import { ShingleCounts } from './shingle-counts.ts';
import { BANDS } from './sketch.ts';

/** Texts with different words by rank (highest priority first), in shared memory: all threads search in it. */
export interface CandidateIndex {
  readonly threshold: number;
  readonly records: Records;
  /** Position of each text’s record, and its number of different shingles. */
  readonly positions: Float64Array<SharedArrayBuffer>;
  readonly counts: Uint32Array<SharedArrayBuffer>;
  /** 16 a text: band keys at first; `BandLinker` replaces them by links. */
  readonly links: Uint32Array<SharedArrayBuffer>;
  /** Counters of how often shingles of short texts occur, see `ShingleCounts`. */
  readonly occurrences: Uint8Array<SharedArrayBuffer>;
  /** For each assigned text its canonical text (itself if it is kept) and their similarity. */
  readonly canonical: Uint32Array<SharedArrayBuffer>;
  readonly similarity: Float32Array<SharedArrayBuffer>;
}

/** Tables of all texts in input order, and the ranking of the distinct ones; in shared memory. */
export interface ReadTexts {
  /** Position of each text’s record, and its number of different shingles. */
  readonly positions: Float64Array<SharedArrayBuffer>;
  readonly shingles: Uint32Array<SharedArrayBuffer>;
  /** Texts without exact duplicates, highest priority first. */
  readonly distinct: Uint32Array<SharedArrayBuffer>;
  /** For each text its place in `distinct`, or that of the text with the same words. */
  readonly ranks: Uint32Array<SharedArrayBuffer>;
}

/** Numbers read from the file at once: 1 MB (chosen). */
const READ_AHEAD = 2 ** 18;

/** @param texts - Number of distinct texts. */
export function createCandidateIndex(records: Records, texts: number, threshold: number): CandidateIndex {
  return {
    threshold,
    records,
    positions: sharedFloat64(texts),
    counts: sharedUint32(texts),
    links: sharedUint32(texts * BANDS),
    occurrences: ShingleCounts.for(texts).counters,
    canonical: sharedUint32(texts),
    similarity: sharedFloat32(texts),
  };
}

/** Enters the distinct ones among the texts `[from, to)` of the input. */
export function fillCandidateIndex(index: CandidateIndex, texts: ReadTexts, from: number, to: number): void {
  const { positions, counts, links, records, threshold } = index;
  const { distinct, ranks } = texts;
  const reader = new RecordReader(records, READ_AHEAD);
  try {
    for (let text = from; text < to; text++) {
      const rank = ranks[text] as number;
      if (distinct[rank] !== text) continue;
      const position = texts.positions[text] as number;
      const count = texts.shingles[text] as number;
      positions[rank] = position;
      counts[rank] = count;
      if (!needsSketch(count, threshold)) continue;
      // Seeks the whole record: the chunk it lies in follows from its start only.
      reader.seek(position, count + BANDS);
      const keys = reader.start + count;
      const { numbers } = reader;
      for (let band = 0; band < BANDS; band++) links[rank * BANDS + band] = numbers[keys + band] as number;
    }
  } finally {
    reader.close();
  }
}

/** Counts the shingles of short texts, in the counters `[from, to)` only. */
export function countShingles(index: CandidateIndex, texts: ReadTexts, from: number, to: number): void {
  const { distinct, ranks, positions, shingles } = texts;
  const occurrences = new ShingleCounts(index.occurrences);
  const reader = new RecordReader(index.records, READ_AHEAD);
  try {
    for (let text = 0; text < ranks.length; text++) {
      const count = shingles[text] as number;
      if (!isShort(count) || distinct[ranks[text] as number] !== text) continue;
      reader.seek(positions[text] as number, count);
      const { numbers, start } = reader;
      for (let at = start; at < start + count; at++) occurrences.addWithin(from, to, numbers[at] as number);
    }
  } finally {
    reader.close();
  }
}
