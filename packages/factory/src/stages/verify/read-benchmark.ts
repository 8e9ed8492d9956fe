import { CogumiError } from '@cogumi/contracts';
import { openFile } from '../../formats/byte-source.ts';
import { readRecords } from '../../formats/read-records.ts';
import type { Benchmark } from '../../text/leakage/benchmark-items.ts';
import type { BenchmarkFile } from './options.ts';

/** Where benchmarks keep what they ask, the most telling name first. */
const FIELDS = ['question', 'input', 'prompt', 'instruction', 'problem', 'text'];
/** A question of fewer words needs its choices to be told from others: "Which of these is true?". */
const LEAST_WORDS = 8;

/**
 * The items of a benchmark's file; items may stand in a list called `examples` or `data` (BIG-bench).
 *
 * @param path - Where the file lies; `file.path` is what the recipe calls it.
 * @throws CogumiError BENCHMARK_EMPTY when no record has the field; IMPORT_CORRUPT.
 */
export async function readBenchmark(file: BenchmarkFile, path: string, signal: AbortSignal): Promise<Benchmark> {
  const source = await openFile(path);
  const items: string[] = [];
  let records = 0;
  try {
    for await (const record of readRecords(source)) {
      signal.throwIfAborted();
      if (!('value' in record)) continue;
      for (const item of unpack(record.value)) {
        records++;
        const text = itemText(item, file.field);
        if (text !== null) items.push(text);
      }
    }
  } finally {
    await source.close();
  }
  if (items.length > 0) return { name: file.name, items };
  throw new CogumiError(
    'BENCHMARK_EMPTY',
    `${file.path} has ${records} records and none with text in ${file.field ?? `one of ${FIELDS.join(', ')}`}.`,
    `Name the field that holds the question: \`verify.benchmarks\`, ${file.name}, \`field\`.`,
  );
}

function unpack(value: unknown): unknown[] {
  const { examples, data } = (value ?? {}) as { examples?: unknown; data?: unknown };
  return [examples, data].find(Array.isArray) ?? [value];
}

function itemText(item: unknown, field: string | null): string | null {
  if (typeof item !== 'object' || item === null) return null;
  const record = item as Record<string, unknown>;
  const name = field ?? FIELDS.find((one) => typeof record[one] === 'string');
  const asked = name === undefined ? undefined : record[name];
  if (typeof asked !== 'string' || asked.trim() === '') return null;
  const { choices } = record;
  if (asked.trim().split(/\s+/).length >= LEAST_WORDS || !Array.isArray(choices)) return asked;
  return [asked, ...choices.filter((choice) => typeof choice === 'string')].join('\n');
}
