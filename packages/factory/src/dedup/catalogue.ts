import { isShort, isSketched } from './block-reader.ts';
import { RecordReader, type Records } from './record-reader.ts';
import { sharedFloat32, sharedFloat64, sharedUint32 } from './shared-array.ts';
import { ShingleCounts } from './shingle-counts.ts';
import { BANDS } from './sketch.ts';
import type { TextTable } from './text-table.ts';

/** Texts with different words from the best to the worst, in shared memory: what all threads search in. */
export interface Catalogue {
  readonly threshold: number;
  readonly records: Records;
  /** Where the record of each text lies, and how many different shingles it has. */
  readonly positions: Float64Array<SharedArrayBuffer>;
  readonly counts: Uint32Array<SharedArrayBuffer>;
  /** 16 a text: band keys at first, then what `linkBands` makes of them. */
  readonly links: Uint32Array<SharedArrayBuffer>;
  /** How often shingles of short texts occur. */
  readonly occurrences: Uint8Array<SharedArrayBuffer>;
  /** For each settled text the one that stands for it, and how similar that is. */
  readonly keeper: Uint32Array<SharedArrayBuffer>;
  readonly similarity: Float32Array<SharedArrayBuffer>;
}

/** Numbers that are read from the file at once: 1 MB. */
const READ_AHEAD = 2 ** 18;

/**
 * @param rest - Numbers in `table` of the texts, best first.
 * @param ranks - For each text in `table` its place in `rest`, or that of another with the same words.
 */
export function makeCatalogue(
  table: TextTable,
  records: Records,
  rest: Uint32Array,
  ranks: Uint32Array,
  threshold: number,
): Catalogue {
  const positions = sharedFloat64(rest.length);
  const counts = sharedUint32(rest.length);
  const links = sharedUint32(rest.length * BANDS);
  const occurrences = ShingleCounts.for(rest.length);
  const reader = new RecordReader(records, READ_AHEAD);
  try {
    // In the order of the input, in which the records lie.
    for (let text = 0; text < table.count; text++) {
      const rank = ranks[text] as number;
      if (rest[rank] !== text) continue;
      const position = table.positions[text] as number;
      const count = table.shingles[text] as number;
      positions[rank] = position;
      counts[rank] = count;
      const sketched = isSketched(count, threshold);
      reader.seek(position, sketched ? count + BANDS : count);
      const { numbers, start } = reader;
      const end = start + count;
      if (isShort(count)) for (let at = start; at < end; at++) occurrences.add(numbers[at] as number);
      if (sketched) for (let band = 0; band < BANDS; band++) links[rank * BANDS + band] = numbers[end + band] as number;
    }
  } finally {
    reader.close();
  }
  return {
    threshold,
    records,
    positions,
    counts,
    links,
    occurrences: occurrences.counters,
    keeper: sharedUint32(rest.length),
    similarity: sharedFloat32(rest.length),
  };
}
