import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CogumiError, type Row } from '@cogumi/contracts';
import { writeJsonl } from '../../artifacts/jsonl.ts';
import { defineStage } from '../../stage/stage.ts';
import { mapRecord } from './map-record.ts';
import { ImportOptions } from './options.ts';

/** Files of others in, rows of one schema out; what cannot be mapped is kept apart with line and reason. */
export const importStage = defineStage({
  name: 'import',
  version: 3,
  inputs: {},
  output: 'rows',
  options: ImportOptions,
  relies: [],
  resumable: false,
  workload: ({ sources }) => {
    // A source without a limit counts as a large one until it has been read.
    const items = sources.reduce((sum, { take }) => sum + (take ?? 50_000), 0);
    return { items, unit: 'rows', fixedSeconds: 0.1, secondsPerItem: 0.00003, bytes: items * 600 };
  },
  async run({ options, sources: paths, random, output, progress }) {
    const rows: Row[] = [];
    const rejected: { source: string; line: number; reason: string }[] = [];
    const bySource: Record<string, { read: number; taken: number; rejected: number }> = {};
    for (const [number, source] of options.sources.entries()) {
      const name = source.path;
      const records = parseRecords(await readText(paths[String(number)] as string), name);
      const mapped: Row[] = [];
      const before = rejected.length;
      for (const [line, record] of records.entries()) {
        const result = mapRecord(record, source, `import_${number}_${String(line + 1).padStart(6, '0')}`);
        if (typeof result === 'string') rejected.push({ source: name, line: line + 1, reason: result });
        else mapped.push(result);
      }
      const taken =
        source.take === null || source.take >= mapped.length
          ? mapped
          : random.fork(String(number)).sample(mapped, source.take);
      taken.sort((left, right) => (left.question_id < right.question_id ? -1 : 1));
      rows.push(...taken);
      bySource[`${number} ${name}`] = { read: records.length, taken: taken.length, rejected: rejected.length - before };
      progress({ done: number + 1, total: options.sources.length, unit: 'files' });
    }
    await writeJsonl(join(output, 'rows.jsonl'), rows);
    await writeJsonl(join(output, 'rejected.jsonl'), rejected);
    return { gates: [], facts: { rows: rows.length, rejected: rejected.length, bySource } };
  },
});

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (!path.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return (await promisify(gunzip)(bytes)).toString('utf8');
  } catch (cause) {
    throw new CogumiError(
      'IMPORT_CORRUPT',
      `${path} is not whole gzip: ${(cause as Error).message}.`,
      'Fetch the file again.',
      { cause },
    );
  }
}

/** JSON Lines, split at `\n` alone, or one JSON array. */
function parseRecords(text: string, name: string): unknown[] {
  if (text.trimStart().startsWith('[')) {
    try {
      return JSON.parse(text) as unknown[];
    } catch (cause) {
      throw new CogumiError('IMPORT_CORRUPT', `${name} starts as a JSON array and is not one.`, 'Mend the file.', {
        cause,
      });
    }
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        return undefined;
      }
    });
}
