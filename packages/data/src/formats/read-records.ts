import { CogumiError } from '@cogumi/contracts';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { type ReadOptions, readChunks } from './read-chunks.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { readParquet } from './read-parquet.ts';
import type { FileRecord } from './record.ts';

/**
 * Reads the records of a JSON Lines, JSON, CSV, TSV or Parquet file of any size, in order; text formats plain, gzip or zstd. An unreadable
 * record is returned with its reason, and reading continues.
 *
 * @throws CogumiError IMPORT_CORRUPT if the file itself is damaged: part of a dataset must not pass for all of it.
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
    const what = cause.hint === null ? 'is damaged' : 'cannot be read';
    throw new CogumiError(
      'IMPORT_CORRUPT',
      `${source.name} ${what}: ${cause.message}. ${records} records were read from ${bytes} of its ${source.byteLength} bytes; none of them is used.`,
      cause.hint ?? 'Download the file again, compare its size with the original, and run the same command.',
      { cause },
    );
  }
}

async function openRecords(source: ByteSource, options: ReadOptions): Promise<AsyncIterable<FileRecord>> {
  const magic = await source.slice(0, Math.min(4, source.byteLength));
  const name = source.name.replace(/\.(gz|zst)$/, '');
  if (magic.toString('latin1') === 'PAR1' || name.endsWith('.parquet')) return readParquet(source, options);
  const chunks = refuseUtf16(readChunks(source, options));
  if (name.endsWith('.csv')) return readCsv(chunks, ',');
  if (name.endsWith('.tsv')) return readCsv(chunks, '\t');
  return readJson(chunks);
}

/** True for UTF-16: a byte order mark says so, or a NUL next to the first character. */
async function* refuseUtf16(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of chunks) {
    if (first && chunk.length > 1) {
      const [one, two] = chunk as unknown as [number, number];
      const marked = (one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff);
      if (marked || (one === 0) !== (two === 0)) {
        throw new DamagedFile('it is UTF-16, but only UTF-8 is read', {
          hint: 'Convert it to UTF-8: iconv -f UTF-16 -t UTF-8 FILE > NEW_FILE',
        });
      }
    }
    first = false;
    yield chunk;
  }
}
