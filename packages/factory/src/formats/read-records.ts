import { CogumiError } from '@cogumi/contracts';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { type ReadOptions, readChunks } from './read-chunks.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { readParquet } from './read-parquet.ts';
import type { FileRecord } from './record.ts';

/**
 * Records of a JSON Lines, JSON, CSV, TSV or Parquet file in their order, whatever its size; the first three plain, gzip
 * or zstd. A record that cannot be read comes with its reason, and the next one follows.
 *
 * @throws CogumiError IMPORT_CORRUPT when the file itself is damaged: half a set is no set.
 */
export async function* readRecords(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<FileRecord> {
  let records = 0;
  let bytes = 0;
  const counting: ReadOptions = {
    ...options,
    onBytes: (read) => {
      bytes = read;
      options.onBytes?.(read);
    },
  };
  try {
    for await (const record of await openRecords(source, counting)) {
      records++;
      yield record;
    }
  } catch (cause) {
    if (!(cause instanceof DamagedFile)) throw cause;
    throw new CogumiError(
      'IMPORT_CORRUPT',
      `${source.name} is damaged: ${cause.message}. ${records} records were read from ${bytes} of its ${source.byteLength} bytes; none is taken.`,
      'Fetch the file again, compare its size with where it comes from, and run the same command.',
      { cause },
    );
  }
}

async function openRecords(source: ByteSource, options: ReadOptions): Promise<AsyncIterable<FileRecord>> {
  const magic = await source.slice(0, Math.min(4, source.byteLength));
  const name = source.name.replace(/\.(gz|zst)$/, '');
  if (magic.toString('latin1') === 'PAR1' || name.endsWith('.parquet')) return readParquet(source, options);
  const chunks = readChunks(source, options);
  if (name.endsWith('.csv')) return readCsv(chunks, ',');
  if (name.endsWith('.tsv')) return readCsv(chunks, '\t');
  return readJson(chunks);
}
