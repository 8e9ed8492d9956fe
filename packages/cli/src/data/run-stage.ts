import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT, type ExitCode } from '@cogumi/contracts';
import { type DataFacts, type Handover, readDataFacts, type Written } from '@cogumi/data/handover';
import { dataFilesIn } from '@cogumi/data/import';
import { dataRecipe, findSets } from '@cogumi/factory';
import { asTyped } from '../as-typed.ts';
import { runBuild } from '../build/run-build.ts';
import { UsageError } from '../parse-call.ts';
import { handOver, refuseExisting } from './hand-over.ts';
import { summarize, tooLongAdvice } from './summarize.ts';

/** The data stages in their order. Each runs together with all stages before it. */
export const STAGES = ['import', 'curate', 'dedup', 'filter', 'score'] as const;

export interface StageCall {
  readonly stage: string;
  readonly files: readonly string[];
  readonly settings: readonly string[];
  /** Most characters of question and answer together; null: the default of `import`. */
  readonly maxCharacters: number | null;
  readonly store: string;
  /** Folder for the rows, and how they are written; null: the files stay in the store. */
  readonly out: (Handover & { readonly folder: string }) | null;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Runs a data stage, and the stages before it, on files. @throws CogumiError NO_ROWS; UsageError. */
export async function runStage(call: StageCall): Promise<ExitCode> {
  const { stage, files, settings, maxCharacters, store, out, json, signal } = call;
  if (stage === 'score' && !settings.some((setting) => setting.startsWith('score')))
    throw new UsageError(
      'No teacher scores the rows.',
      'For example: --set score.teacher=openai:gpt-5-mini --set budget.money=2',
    );
  if (out !== null) await refuseExisting(out.folder, out);
  const recipe = dataRecipe(await withoutFolders(files), settings, maxCharacters === null ? {} : { maxCharacters });
  const { folder, run, exitCode } = await runBuild(recipe, { store, until: stage, json, signal });
  if (folder === null) return exitCode;
  const sets = await findSets(store, run);
  const facts = await readDataFacts(sets);
  if (facts.rows === 0) {
    throw new CogumiError(
      'NO_ROWS',
      `No row is left after ${stage}. ${summarize(facts)}.`,
      `\`cogumi data look --store ${store}\` shows where each row went and why.`,
      { exitCode: EXIT.inconclusive },
    );
  }
  const written = out === null ? null : await handOver(sets, out.folder, out, facts);
  const place = out?.folder ?? folder;
  if (json) console.log(JSON.stringify(asEvent(stage, place, facts, written)));
  else {
    const most = Math.max(...recipe.import.sources.map((source) => source.maxCharacters));
    const review = stage === 'score' ? join(folder, 'review.jsonl') : null;
    console.log(asTyped(describe(place, store, facts, { written, review, advice: tooLongAdvice(facts, most) })));
  }
  return exitCode;
}

function describe(
  place: string,
  store: string,
  facts: DataFacts,
  { written, review, advice }: { written: Written | null; review: string | null; advice: string | null },
): string {
  const files = written?.files.map(({ name, rows }) => `${join(place, name)} (${rows.toLocaleString('en-US')})`);
  return [
    `  rows    ${files?.join(', ') ?? join(place, 'rows.jsonl')}`,
    ...(written ? [`  removed ${join(place, 'rejected.jsonl')}\n  card    ${join(place, 'README.md')}`] : []),
    ...(review === null ? [] : [`  review  ${review}, a sample for a person to label`]),
    `  view    cogumi data look --store ${store}`,
    ...(advice === null ? [] : [`  ${advice}`]),
    `${summarize(facts, written?.left)}.`,
  ].join('\n');
}

function asEvent(
  stage: string,
  folder: string,
  { read, rows, rejected, redacted }: DataFacts,
  written: Written | null,
) {
  const counts = Object.fromEntries([...rejected].map(([name, reasons]) => [name, Object.fromEntries(reasons)]));
  const form = written === null ? {} : { files: written.files, form: Object.fromEntries(written.left) };
  return { event: 'data', stage, folder, read, rows, rejected: counts, redacted, ...form };
}

/** The same files, with the data files of every folder in its place. */
async function withoutFolders(places: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const place of places) {
    const isFolder = (await stat(place).catch(() => null))?.isDirectory() === true;
    files.push(...(isFolder ? await dataFilesIn(place) : [place]));
  }
  return files;
}
