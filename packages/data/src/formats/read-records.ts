import { CogumiError } from '@cogumi/contracts';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { refuseOtherContents } from './identify-content.ts';
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
      cause.hint ??
        'If you downloaded it, download it again and compare its size with the original; if not, write it again.',
      { cause },
    );
  }
}

async function openRecords(source: ByteSource, options: ReadOptions): Promise<AsyncIterable<FileRecord>> {
  const magic = (await source.slice(0, Math.min(4, source.byteLength))).toString('latin1');
  if (magic === 'PAR1') return readParquet(source, options);
  const chunks = refuseOtherContents(readChunks(source, options));
  const name = source.name.replace(/\.(gz|zst)$/, '');
  if (name.endsWith('.parquet')) return readJsonOr(chunks, refuseParquet);
  if (name.endsWith('.csv')) return readJsonOr(chunks, (table) => readCsv(table, null));
  if (name.endsWith('.tsv')) return readJsonOr(chunks, (table) => readCsv(table, '\t'));
  return readJson(chunks);
}

type Chunks = AsyncIterable<Buffer>;

/** Reads what the name says, or JSON if the first characters are those of JSON: names may be wrong. */
async function* readJsonOr(
  chunks: AsyncGenerator<Buffer>,
  readNamed: (chunks: Chunks) => AsyncIterable<FileRecord>,
): AsyncGenerator<FileRecord> {
  const { value: first = Buffer.alloc(0) } = await chunks.next();
  async function* whole(): AsyncGenerator<Buffer> {
    yield first;
    yield* chunks;
  }
  const isJson = /^(\xef\xbb\xbf)?\s*[[{]/.test(first.toString('latin1', 0, 64));
  yield* isJson ? readJson(whole()) : readNamed(whole());
}

function refuseParquet(): never {
  throw new DamagedFile('it does not begin with PAR1, as a Parquet file does');
}
