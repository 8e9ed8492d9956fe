import { CogumiError } from '@cogumi/contracts';
import { openFile, readRecords } from '@cogumi/data/formats';
import type { Benchmark } from '@cogumi/data/text/contamination';
import type { BenchmarkFile } from './options.ts';

/** Fields in which benchmarks keep the question, the most specific name first. */
const FIELDS = ['question', 'input', 'prompt', 'instruction', 'problem', 'text'];
/** A question of fewer words is compared together with its choices: "Which of these is true?" is not specific (chosen). */
const MIN_WORDS = 8;
/** Largest share of records that may be unreadable or without text: with more, the search says nothing about contamination (chosen). */
const MAX_UNREADABLE = 0.1;

/** The items of a benchmark file. */
export interface ReadBenchmark extends Benchmark {
  /** Number of records that cannot be read or have no text: no row is compared with them. */
  readonly unreadable: number;
}

/**
 * Reads the items of a benchmark file. They may be in a list called `examples` or `data` (BIG-bench).
 *
 * @param path - Path of the file on this machine; `file.path` is the path in the recipe.
 * @throws CogumiError BENCHMARK_EMPTY if no record has the field; BENCHMARK_UNREADABLE if more than a tenth of the records
 *   cannot be read or lack it; IMPORT_CORRUPT.
 */
export async function readBenchmark(file: BenchmarkFile, path: string, signal: AbortSignal): Promise<ReadBenchmark> {
  const source = await openFile(path);
  const items: string[] = [];
  let unreadable = 0;
  let example: string | null = null;
  try {
    for await (const record of readRecords(source)) {
      signal.throwIfAborted();
      const found = 'value' in record ? unpack(record.value).map((item) => itemText(item, file.field)) : [null];
      for (const text of found) {
        if (text !== null) {
          items.push(text);
          continue;
        }
        unreadable++;
        example ??= `record ${record.number} ${'reason' in record ? record.reason : 'has no text'}`;
      }
    }
  } finally {
    await source.close();
  }
  refuseUnreadable(file, items.length, unreadable, example);
  return { name: file.name, items, unreadable };
}

function refuseUnreadable(file: BenchmarkFile, items: number, unreadable: number, example: string | null): void {
  const records = items + unreadable;
  if (items > 0 && unreadable <= MAX_UNREADABLE * records) return;
  const fields = file.field ?? `one of ${FIELDS.join(', ')}`;
  const hint = `Set \`field\` of ${file.name} in \`filter.benchmarks\` to the field that contains the question, or repair the file.`;
  const first = example === null ? '' : ` The first: ${example}.`;
  if (items === 0) {
    const message = `${file.path} has ${records} records, none of them with text in ${fields}.${first}`;
    throw new CogumiError('BENCHMARK_EMPTY', message, hint);
  }
  throw new CogumiError(
    'BENCHMARK_UNREADABLE',
    `${unreadable} of ${records} records of ${file.path} cannot be read or have no text in ${fields}; the limit is a tenth.${first}`,
    hint,
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
  if (asked.trim().split(/\s+/).length >= MIN_WORDS || !Array.isArray(choices)) return asked;
  return [asked, ...choices.filter((choice) => typeof choice === 'string')].join('\n');
}
