import { MOST_LEVELS } from '@cogumi/pure';
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import type { ReadOptions } from './read-chunks.ts';
import { excerptOf, type FileRecord, unreadable } from './record.ts';

/** Written in the place of bytes that are no text, so that the row is found and refused. */
const NOT_TEXT = Symbol('not UTF-8');

/**
 * Rows of a Parquet file, row group by row group: the footer is read first, then what each group needs, when it is needed.
 * Held in memory is one row group; writers make them of 1,000 to 1,000,000 rows.
 *
 * @throws DamagedFile when footer or pages are cut short or do not decode.
 */
export async function* readParquet(source: ByteSource, { signal, onBytes }: ReadOptions): AsyncGenerator<FileRecord> {
  const file = {
    byteLength: source.byteLength,
    slice: async (start: number, end = source.byteLength) => {
      signal?.throwIfAborted();
      const bytes = await source.slice(start, end);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    },
  };
  const metadata = await decoded(() => parquetMetadataAsync(file));
  refuseBrokenFooter(metadata);
  const rows = Number(metadata.num_rows);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const read = { file, metadata, compressors, rowStart, rowEnd, parsers: { stringFromBytes } };
    for (const [place, row] of (await decoded(() => parquetReadObjects(read))).entries()) {
      yield toRecord(rowStart + place + 1, row);
    }
    rowStart = rowEnd;
    // A shard that nothing fell into may have a group without rows.
    onBytes?.(rows === 0 ? source.byteLength : Math.round((rowEnd / rows) * source.byteLength));
  }
}

/** A footer of wrong bytes may decode to anything. */
function refuseBrokenFooter({ schema, row_groups: groups, num_rows: rows }: Partial<FileMetaData>): void {
  const counts = Array.isArray(groups) ? groups.map((group) => Number(group?.num_rows)) : [Number.NaN];
  const sum = counts.reduce((total, count) => total + count, 0);
  if (Array.isArray(schema) && counts.every((count) => count >= 0) && sum === Number(rows)) return;
  throw new DamagedFile('its footer, which lists columns and rows, holds something else');
}

/** What the library throws at damage are plain errors of many words; what a source throws has a name and passes. */
async function decoded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor === DamagedFile) throw cause;
    if (![Error, RangeError, TypeError, SyntaxError].includes(cause.constructor as ErrorConstructor)) throw cause;
    // Errors of the language itself tell of the library's inside, not of the file.
    const why =
      cause.constructor === Error ? ` (${cause.message})` : ': footer or pages hold other bytes than Parquet has';
    throw new DamagedFile(`it does not decode${why}`, { cause });
  }
}

function stringFromBytes(bytes: Uint8Array | undefined): unknown {
  if (!bytes) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return NOT_TEXT;
  }
}

function toRecord(number: number, row: unknown): FileRecord {
  let broken = false;
  const value = toJson(row, () => {
    broken = true;
  });
  return broken ? { number, ...unreadable('is not UTF-8', excerptOf(value)) } : { number, value };
}

/**
 * Whole numbers as numbers, times as ISO 8601, what is not text as null. Columns of JSON text are parsed values here and may
 * be nested as deep as they like: what lies below the first level too many is left off, and the record still too deep.
 */
function toJson(value: unknown, onBroken: () => void, level = 1): unknown {
  if (value === NOT_TEXT) {
    onBroken();
    return null;
  }
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, Number);
  if (value === null || typeof value !== 'object') return value;
  if (level > MOST_LEVELS) return {};
  if (Array.isArray(value)) return value.map((inner) => toJson(inner, onBroken, level + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner, onBroken, level + 1)]));
}
