import { exactInteger, isLongInteger, MOST_LEVELS } from '@cogumi/pure';
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { parseJson } from './parse-json.ts';
import type { ReadOptions } from './read-chunks.ts';
import { excerptOf, type FileRecord, unreadable } from './record.ts';

/** Stands for a value that cannot be read, so that its row is found and rejected. */
class Unusable {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** How files begin that datasets keep as bytes, in hex: PNG, JPEG, GIF, TIFF, WebP; RIFF, MP3, FLAC, Ogg; MP4, Matroska; PDF. */
const FIRST_BYTES: readonly (readonly [RegExp, string])[] = [
  [/^(89504e47|ffd8ff|47494638|49492a00|4d4d002a|52494646.{8}57454250)/, 'an image'],
  [/^(52494646|494433|ff(fb|f3|f2)|664c6143|4f676753)/, 'a sound'],
  [/^(.{8}66747970|1a45dfa3)/, 'a film'],
  [/^25504446/, 'a PDF file'],
];

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
  await decoded(async () => refuseDoubledColumns(metadata.schema));
  const rows = Number(metadata.num_rows);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const read = { file, metadata, compressors, rowStart, rowEnd, parsers: { stringFromBytes, jsonFromBytes } };
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

/**
 * Refuses a footer that names a column twice, at any level: only the last would be read, and nobody would know.
 *
 * @param schema - All columns in depth-first order, each with its number of children.
 */
function refuseDoubledColumns(schema: FileMetaData['schema']): void {
  let at = 0;
  const walk = (): string => {
    const { name, num_children: children = 0 } = schema[at++] ?? { name: '' };
    const seen = new Set<string>();
    for (let child = 0; child < children && at < schema.length; child++) {
      const inner = walk();
      if (seen.has(inner)) {
        throw new DamagedFile(`its column ${JSON.stringify(inner.slice(0, 80))} stands twice`, {
          hint: 'Write the table again with one name a column.',
        });
      }
      seen.add(inner);
    }
    return name;
  };
  walk();
}

function stringFromBytes(bytes: Uint8Array | undefined): unknown {
  if (!bytes) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Unusable(describeBytes(bytes));
  }
}

/** Why bytes that are not UTF-8 cannot be read. */
function describeBytes(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('hex');
  const [, kind] = FIRST_BYTES.find(([pattern]) => pattern.test(start)) ?? [];
  return kind === undefined ? 'is not UTF-8' : `holds ${kind}, and rows are text only`;
}

function jsonFromBytes(bytes: Uint8Array | undefined): unknown {
  const text = stringFromBytes(bytes);
  if (typeof text !== 'string') return text;
  const parsed = parseJson(text);
  return 'value' in parsed ? parsed.value : new Unusable(`${parsed.reason} in a column of JSON`);
}

function toRecord(number: number, row: unknown): FileRecord {
  let reason: string | null = null;
  const value = toJson(row, (why) => {
    reason ??= why;
  });
  return reason === null ? { number, value } : { number, ...unreadable(reason, excerptOf(value)) };
}

/**
 * Converts a value: integers to numbers, or to a `LongInteger` where a number would round them; times to ISO 8601, binary to null. JSON columns
 * are parsed already and may be nested at any depth: levels beyond the first one too many are dropped, so that the record is still too
 * deep.
 */
function toJson(value: unknown, onUnusable: (reason: string) => void, level = 1): unknown {
  if (value instanceof Unusable) {
    onUnusable(value.reason);
    return null;
  }
  if (typeof value === 'bigint') return exactInteger(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, Number);
  if (value === null || typeof value !== 'object' || isLongInteger(value)) return value;
  if (level > MOST_LEVELS) return {};
  if (Array.isArray(value)) return value.map((inner) => toJson(inner, onUnusable, level + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner, onUnusable, level + 1)]));
}
