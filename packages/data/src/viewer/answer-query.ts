import { CogumiError } from '@cogumi/contracts';
import { clip, LIST_CHARACTERS, OPEN_CHARACTERS } from './clip-row.ts';
import { compareRows } from './compare-rows.ts';
import type { DataFile, DataSet } from './data-set.ts';
import { describeSets, describeStatistics } from './describe-sets.ts';
import { ranked } from './file-statistics.ts';
import { fillRowText, type RowWithText } from './fill-row-text.ts';
import { findKept } from './find-row-by-id.ts';
import { findRows, readRow } from './find-rows.ts';
import type { Fields } from './parse-row.ts';
import { countPreview, type Preview, TrainingRow } from './preview.ts';
import { canonicalOf } from './row-facets.ts';
import { isEmpty, readFilter } from './row-filter.ts';
import { scoreFields } from './score-fields.ts';
import { traceRow } from './trace-row.ts';

/** Rows of a page. */
const PAGE_ROWS = 50;

/** The data that requests are answered from. */
export interface Subject {
  readonly sets: readonly DataSet[];
  readonly preview: Preview | null;
  /** Time limit of one scan. */
  readonly scanMilliseconds: number;
}

type Answer = (subject: Subject, query: URLSearchParams, signal: AbortSignal) => Promise<unknown>;

/** Paths of the API and their handlers. All of them only read. */
export const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['/api/sets', async ({ sets, preview }) => ({ sets: describeSets(sets), preview: preview !== null })],

  ['/api/statistics', async ({ sets }, query) => describeStatistics(fileOf(sets, query).statistics)],

  [
    '/api/rows',
    async ({ sets, scanMilliseconds }, query, signal) => {
      const file = fileOf(sets, query);
      const filter = readFilter(query);
      const limits = { from: wholeNumber(query, 'from'), most: PAGE_ROWS, milliseconds: scanMilliseconds, signal };
      const found = await findRows(file, isEmpty(filter) ? null : filter, limits);
      const set = wholeNumber(query, 'set');
      const rows = await Promise.all(found.rows.map((row) => fillRowText(sets, set, row)));
      return { ...found, rows: rows.map((row) => clipped(row, LIST_CHARACTERS)), total: file.lines.count };
    },
  ],

  ['/api/row', async ({ sets }, query) => clipped(await rowOf(sets, query), OPEN_CHARACTERS)],

  ['/api/trace', async ({ sets }, query) => traceRow(sets, query.get('id') ?? '')],

  ['/api/score', async ({ sets }, query) => scoreFields((await rowOf(sets, query)).fields)],

  [
    '/api/canonical',
    async ({ sets }, query) => {
      const { fields } = await rowOf(sets, query);
      const id = canonicalOf(fields);
      if (id === null) throw notFound('The row names no canonical row.');
      const canonical = await findKept(sets, wholeNumber(query, 'set'), id);
      const comparison = canonical === null ? [] : compareRows(canonical.fields, fields);
      return {
        id,
        canonical: canonical && { ...canonical, fields: clip(canonical.fields, LIST_CHARACTERS) },
        comparison,
      };
    },
  ],

  [
    '/api/clusters',
    async ({ sets }, query) => {
      const { statistics } = fileOf(sets, query);
      const only = query.get('canonical');
      const from = wholeNumber(query, 'from');
      const shown =
        only === null
          ? ranked(statistics.canonicals).slice(from, from + PAGE_ROWS)
          : [[only, statistics.canonicals.get(only) ?? 0] as const];
      const clusters = shown.map(async ([id, duplicates]) => {
        const canonical = await findKept(sets, wholeNumber(query, 'set'), id);
        return {
          id,
          duplicates,
          canonical: canonical && { ...canonical, fields: clip(canonical.fields, LIST_CHARACTERS) },
        };
      });
      return { clusters: await Promise.all(clusters), total: statistics.canonicals.size };
    },
  ],

  [
    '/api/tokens',
    async ({ sets, preview }, query) => {
      if (preview === null) {
        throw new CogumiError(
          'LOOK_NO_MODEL',
          'Showing tokens needs a tokenizer.',
          'Start again with `--model FOLDER`.',
        );
      }
      const row = await rowOf(sets, query);
      const training = TrainingRow.safeParse(row.fields);
      if (!training.success) {
        const reason = 'The line is not a training row: it has neither a question and an answer nor a text.';
        return { tokens: [], trained: 0, special: 0, reason };
      }
      const [shown] = await preview([training.data as Fields]);
      if (!shown)
        throw new CogumiError(
          'LOOK_NO_PREVIEW',
          'The engine returned no preview for the row.',
          'See the log of the engine.',
        );
      return countPreview(shown);
    },
  ],
]);

function clipped({ fields, ...row }: RowWithText, characters: number) {
  return { ...row, fields: clip(fields, characters) };
}

function fileOf(sets: readonly DataSet[], query: URLSearchParams): DataFile {
  const [set, name] = [query.get('set'), query.get('file')];
  const file = sets[Number(set)]?.files.find((one) => one.name === name);
  if (file === undefined) throw notFound(`Set ${set} has no file "${name}".`);
  return file;
}

async function rowOf(sets: readonly DataSet[], query: URLSearchParams): Promise<RowWithText> {
  const file = fileOf(sets, query);
  const line = wholeNumber(query, 'line');
  const row = await readRow(file, line);
  if (row === null)
    throw notFound(`${file.name} has ${file.lines.count} lines so far; line ${line + 1} is not one of them.`);
  return fillRowText(sets, wholeNumber(query, 'set'), row);
}

/** A whole number of the query; 0 if absent. @throws CogumiError LOOK_NOT_FOUND for anything else. */
function wholeNumber(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? 0);
  if (!Number.isSafeInteger(value) || value < 0) throw notFound(`"${query.get(name)}" is not a valid ${name}.`);
  return value;
}

function notFound(message: string): CogumiError {
  return new CogumiError('LOOK_NOT_FOUND', message, 'Go back to the list.');
}
