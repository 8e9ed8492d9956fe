import { isShort, isSketched } from './block-reader.ts';
import { RecordReader, type Records } from './record-reader.ts';
import { sharedFloat32, sharedFloat64, sharedUint32 } from './shared-array.ts';
import { ShingleCounts } from './shingle-counts.ts';
import { BANDS } from './sketch.ts';

/** Texts with different words from the best to the worst, in shared memory: what all threads search in. */
export interface Catalogue {
  readonly threshold: number;
  readonly records: Records;
  /** Where the record of each text lies, and how many different shingles it has. */
  readonly positions: Float64Array<SharedArrayBuffer>;
  readonly counts: Uint32Array<SharedArrayBuffer>;
  /** 16 a text: band keys at first, then what `BandLinker` makes of them. */
  readonly links: Uint32Array<SharedArrayBuffer>;
  /** How often shingles of short texts occur. */
  readonly occurrences: Uint8Array<SharedArrayBuffer>;
  /** For each settled text the one that stands for it, and how similar that is. */
  readonly keeper: Uint32Array<SharedArrayBuffer>;
  readonly similarity: Float32Array<SharedArrayBuffer>;
}

/** What was read of all texts, in the order of the input, and who is left; in shared memory. */
export interface ReadTexts {
  /** Where the record of each text lies, and how many different shingles it has. */
  readonly positions: Float64Array<SharedArrayBuffer>;
  readonly shingles: Uint32Array<SharedArrayBuffer>;
  /** Numbers of those that are left, best first. */
  readonly rest: Uint32Array<SharedArrayBuffer>;
  /** For each text its place in `rest`, or that of another with the same words. */
  readonly ranks: Uint32Array<SharedArrayBuffer>;
}

/** Numbers that are read from the file at once: 1 MB. */
const READ_AHEAD = 2 ** 18;

/** @param texts - How many are left. */
export function emptyCatalogue(records: Records, texts: number, threshold: number): Catalogue {
  return {
    threshold,
    records,
    positions: sharedFloat64(texts),
    counts: sharedUint32(texts),
    links: sharedUint32(texts * BANDS),
    occurrences: ShingleCounts.for(texts).counters,
    keeper: sharedUint32(texts),
    similarity: sharedFloat32(texts),
  };
}

/** Enters those of the texts `[from, to)` of the input that are left. */
export function fillCatalogue(catalogue: Catalogue, texts: ReadTexts, from: number, to: number): void {
  const { positions, counts, links, records, threshold } = catalogue;
  const { rest, ranks } = texts;
  const reader = new RecordReader(records, READ_AHEAD);
  try {
    for (let text = from; text < to; text++) {
      const rank = ranks[text] as number;
      if (rest[rank] !== text) continue;
      const position = texts.positions[text] as number;
      const count = texts.shingles[text] as number;
      positions[rank] = position;
      counts[rank] = count;
      const sketched = isSketched(count, threshold);
      if (!sketched) continue;
      // From the start of the record on: only that tells where it lies.
      reader.seek(position, count + BANDS);
      const keys = reader.start + count;
      const { numbers } = reader;
      for (let band = 0; band < BANDS; band++) links[rank * BANDS + band] = numbers[keys + band] as number;
    }
  } finally {
    reader.close();
  }
}

/** Counts the shingles of short texts whose counters are `[from, to)`. */
export function countShingles(catalogue: Catalogue, texts: ReadTexts, from: number, to: number): void {
  const { rest, ranks, positions, shingles } = texts;
  const occurrences = new ShingleCounts(catalogue.occurrences);
  const reader = new RecordReader(catalogue.records, READ_AHEAD);
  try {
    for (let text = 0; text < ranks.length; text++) {
      const count = shingles[text] as number;
      if (!isShort(count) || rest[ranks[text] as number] !== text) continue;
      reader.seek(positions[text] as number, count);
      const { numbers, start } = reader;
      for (let at = start; at < start + count; at++) occurrences.addWithin(from, to, numbers[at] as number);
    }
  } finally {
    reader.close();
  }
}
