import { hash } from 'node:crypto';
import type { JsonlWriter } from '../formats/jsonl.ts';
import { excerptOf, type FileRecord, LONGEST_RECORD_BYTES } from '../formats/record.ts';
import { SeenHashes } from '../rows/seen-hashes.ts';
import { detectShape, FIRST_RECORDS } from './detect-shape.ts';
import { mapRecord, type SourceFacts } from './map-record.ts';
import type { RowSink } from './row-sink.ts';
import type { mappedShape } from './shapes/mapping.ts';
import type { Rejection, Shape } from './shapes/shape.ts';

/**
 * Longest row as a JSON line, with all fields: half of what later stages accept, so that they have room for what they add
 * (chosen). The largest real row known is 33 KB (LIMA).
 */
const LONGEST_ROW_BYTES = LONGEST_RECORD_BYTES / 2;

/** Hints kept of a source (chosen): more would be read by nobody. */
const MOST_HINTS = 5;

/** A record with its file; `fileNumber` counts from 1. */
export type PlacedRecord = FileRecord & { readonly file: string; readonly fileNumber: number };

interface SourceReading {
  readonly facts: SourceFacts;
  readonly format: string;
  readonly mapping: Parameters<typeof mappedShape>[0] | null;
  /** Id of a row, made from its position. */
  idAt(record: PlacedRecord): string;
}

export interface SourceCounts {
  readonly shape: string | null;
  readonly read: number;
  readonly taken: number;
  readonly rejected: number;
  readonly reasons: Readonly<Partial<Record<Rejection['code'], number>>>;
  /** What to set so that rejected records are read: the first of them. */
  readonly hints: readonly string[];
}

/**
 * Reads a source to its end and writes rows to one file, rejected records with their reason to another. Memory holds only the
 * first records, until the shape is detected, and hashes of the rows' own ids.
 *
 * @throws CogumiError IMPORT_SHAPE; errors of reading and writing.
 */
export async function importSource(
  records: AsyncGenerator<PlacedRecord>,
  { facts, format, mapping, idAt }: SourceReading,
  rows: RowSink,
  rejected: JsonlWriter,
): Promise<SourceCounts> {
  const seen = new SeenHashes();
  const reasons: Partial<Record<Rejection['code'], number>> = {};
  const hints = new Set<string>();
  let read = 0;
  let mapped = 0;

  const reject = (record: PlacedRecord, { code, reason, hint }: Rejection, start: string) => {
    reasons[code] = (reasons[code] ?? 0) + 1;
    if (hint !== undefined && hints.size < MOST_HINTS) hints.add(hint);
    const { file, number } = record;
    return rejected.write({ source: facts.source, file, number, code, reason, start });
  };
  const take = (record: PlacedRecord, shape: Shape): Promise<void> | undefined => {
    read++;
    if ('reason' in record) return reject(record, { code: 'unreadable', reason: record.reason }, record.excerpt);
    const result = mapRecord(record.value, shape, facts, idAt(record));
    if ('code' in result) return reject(record, result, excerptOf(record.value));
    const { row, ownId } = result;
    const line = JSON.stringify(row);
    const bytes = Buffer.byteLength(line);
    if (bytes > LONGEST_ROW_BYTES) {
      const reason = `takes ${bytes} bytes as a row with all its fields, more than ${LONGEST_ROW_BYTES}`;
      return reject(record, { code: 'too-long', reason }, excerptOf(record.value));
    }
    if (ownId !== undefined && !seen.add(hash('sha1', ownId))) {
      const reason = `has the id ${ownId.slice(0, 80)} of an earlier row`;
      return reject(record, { code: 'duplicate-id', reason }, excerptOf(record.value));
    }
    mapped++;
    return rows.offer(line, record.value);
  };

  try {
    const first = await takeFirst(records);
    const shape = first.length === 0 ? null : detectShape(facts.source, first, { format, mapping });
    if (shape) {
      for (const record of first) await take(record, shape);
      for await (const record of records) await take(record, shape);
    }
    return {
      shape: shape?.name ?? null,
      read,
      taken: await rows.finish(),
      rejected: read - mapped,
      reasons,
      hints: [...hints],
    };
  } finally {
    await records.return(undefined);
  }
}

async function takeFirst(records: AsyncGenerator<PlacedRecord>): Promise<PlacedRecord[]> {
  const first: PlacedRecord[] = [];
  while (first.length < FIRST_RECORDS) {
    const { done, value } = await records.next();
    if (done) break;
    first.push(value);
  }
  return first;
}
