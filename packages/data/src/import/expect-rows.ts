import type { ImportSource } from './options.ts';

/** Expected bytes of a record as text: between Alpaca (403) and GSM8K (558); conversations are longer (measured). */
const BYTES_A_ROW = 450;
/** Compression ratio of gzip, zstd and Parquet on such text (measured for gzip: 2.7 to 3.1). */
const PACKING = 3;
/** Expected rows of a source without a known size, such as a folder (chosen). */
const ROWS_OF_A_SET = 50_000;

/**
 * Rows that a plan expects in a source.
 *
 * @param bytes - Total size of its files.
 * @param bytesARow - Of a record as text.
 */
export function expectRows(
  { path, files, take }: Pick<ImportSource, 'path' | 'files' | 'take'>,
  bytes: number | undefined,
  bytesARow = BYTES_A_ROW,
): number {
  if (bytes === undefined) return Math.max(take ?? 0, ROWS_OF_A_SET);
  const text = /\.(gz|zst|parquet)$/.test(path ?? files?.[0] ?? '') ? bytes * PACKING : bytes;
  return Math.ceil(text / bytesARow);
}
