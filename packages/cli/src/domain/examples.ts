import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { DOCUMENT_ENDINGS, isDocument } from '@cogumi/data/documents';
import { dataFilesIn } from '@cogumi/data/import';
import { UsageError } from '../parse-call.ts';

/** Checkers that read a field of each example, which is named after a colon: `contains:accepted`. */
const WITH_FIELD = ['exact', 'contains', 'regex', 'number', 'json-schema', 'python-tests'];

/** What was named for a domain: files of rows, and documents that a teacher writes rows from. */
export interface ExampleFiles {
  readonly rows: readonly string[];
  readonly documents: readonly string[];
}

/** Files, and those of folders: the data files of a folder, or its documents where it has none. @throws CogumiError SOURCE_NOT_FOUND, SOURCE_EMPTY. */
export async function exampleFiles(places: readonly string[]): Promise<ExampleFiles> {
  const files: string[] = [];
  for (const place of places) {
    const info = await stat(place).catch(() => null);
    if (!info) {
      throw new CogumiError(
        'SOURCE_NOT_FOUND',
        `There is no file or folder ${place}.`,
        `Name files of examples, each with a question and its answer (JSON Lines, JSON, CSV, Parquet), or documents (${DOCUMENT_ENDINGS.join(', ')}).`,
        { exitCode: EXIT.usage },
      );
    }
    files.push(...(info.isDirectory() ? await filesIn(place) : [place]));
  }
  return { rows: files.filter((file) => !isDocument(file)), documents: files.filter(isDocument) };
}

async function filesIn(folder: string): Promise<string[]> {
  return await dataFilesIn(folder).catch(async (cause: unknown) => {
    if (!(cause instanceof CogumiError) || cause.code !== 'SOURCE_EMPTY') throw cause;
    const documents = (await readdir(folder, { recursive: true })).filter(isDocument).sort();
    if (documents.length === 0) throw cause;
    return documents.map((path) => join(folder, path));
  });
}

/**
 * The checker that `--checker` names.
 *
 * @param text - `exact`, `contains:accepted` or `judge:openai:gpt-5-mini`.
 * @throws UsageError. What the schema says of its settings comes with the recipe.
 */
export function checkerOf(text: string): { kind: string; field?: string; teacher?: string } {
  const colon = text.indexOf(':');
  const [kind, rest] = colon === -1 ? [text, null] : [text.slice(0, colon), text.slice(colon + 1)];
  if (kind === 'judge' && rest) return { kind, teacher: rest };
  if (WITH_FIELD.includes(kind) && rest !== '') return { kind, ...(rest === null ? {} : { field: rest }) };
  throw new UsageError(
    `--checker ${JSON.stringify(text.slice(0, 60))} is no checker.`,
    `Use ${WITH_FIELD.join(', ')}, with a field of the examples after a colon where it reads one (contains:accepted), or judge:TEACHER.`,
  );
}
