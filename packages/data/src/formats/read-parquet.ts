import { MOST_LEVELS } from '@cogumi/pure';
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import type { ReadOptions } from './read-chunks.ts';
import { excerptOf, type FileRecord, unreadable } from './record.ts';

/** Replaces bytes that are not UTF-8, so that the row can be found and rejected. */
const NOT_TEXT = Symbol('not UTF-8');

/**
 * Reads the rows of a Parquet file by row group: the footer first, then the bytes of each group when they are needed. Memory holds one
 * row group; writers make them of 1,000 to 1,000,000 rows.
 *
 * @throws DamagedFile if footer or pages are truncated or cannot be decoded.
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
    // An empty shard may have a group without rows.
    onBytes?.(rows === 0 ? source.byteLength : Math.round((rowEnd / rows) * source.byteLength));
  }
}

/** Validates the footer: wrong bytes may decode to anything. */
function refuseBrokenFooter({ schema, row_groups: groups, num_rows: rows }: Partial<FileMetaData>): void {
  const counts = Array.isArray(groups) ? groups.map((group) => Number(group?.num_rows)) : [Number.NaN];
  const sum = counts.reduce((total, count) => total + count, 0);
  if (Array.isArray(schema) && counts.every((count) => count >= 0) && sum === Number(rows)) return;
  throw new DamagedFile('its footer does not list columns and rows');
}

/** Turns the library's plain errors into DamagedFile; typed errors of the source are passed on. */
async function decoded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor === DamagedFile) throw cause;
    if (![Error, RangeError, TypeError, SyntaxError].includes(cause.constructor as ErrorConstructor)) throw cause;
    // Messages of a TypeError or RangeError concern the library, not the file.
    const why = cause.constructor === Error ? ` (${cause.message})` : ': footer or pages are not valid Parquet';
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
 * Converts a value: integers to numbers, times to ISO 8601, binary to null. JSON columns are parsed already and may be nested at any
 * depth: levels beyond the first one too many are dropped, so that the record is still too deep.
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
