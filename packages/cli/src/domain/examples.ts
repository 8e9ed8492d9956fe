import { stat } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { dataFilesIn } from '@cogumi/data/import';
import { UsageError } from '../parse-call.ts';

/** Checkers that read a field of each example, which is named after a colon: `contains:accepted`. */
const WITH_FIELD = ['exact', 'contains', 'regex', 'number', 'json-schema', 'python-tests'];

/** Files, and the data files of folders. @throws CogumiError SOURCE_NOT_FOUND, SOURCE_EMPTY. */
export async function exampleFiles(places: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const place of places) {
    const info = await stat(place).catch(() => null);
    if (!info) {
      throw new CogumiError(
        'SOURCE_NOT_FOUND',
        `There is no file or folder ${place}.`,
        'Name files of examples: JSON Lines, JSON, CSV or Parquet, each with a question and its answer.',
        { exitCode: EXIT.usage },
      );
    }
    files.push(...(info.isDirectory() ? await dataFilesIn(place) : [place]));
  }
  return files;
}

/**
 * The checker that `--checker` names.
 *
 * @param text - `exact`, `contains:accepted` or `judge:openai:gpt-5-mini`; undefined: `exact`.
 * @throws UsageError. What the schema says of its settings comes with the recipe.
 */
export function checkerOf(text: string | undefined): { kind: string; field?: string; teacher?: string } {
  if (text === undefined) return { kind: 'exact' };
  const colon = text.indexOf(':');
  const [kind, rest] = colon === -1 ? [text, null] : [text.slice(0, colon), text.slice(colon + 1)];
  if (kind === 'judge' && rest) return { kind, teacher: rest };
  if (WITH_FIELD.includes(kind) && rest !== '') return { kind, ...(rest === null ? {} : { field: rest }) };
  throw new UsageError(
    `--checker ${JSON.stringify(text.slice(0, 60))} is no checker.`,
    `Use ${WITH_FIELD.join(', ')}, with a field of the examples after a colon where it reads one (contains:accepted), or judge:TEACHER.`,
  );
}
