import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { noData, readRows, readText } from '../rows/read-rows.ts';
import { loadIsLanguage } from '../text/language.ts';
import { readPunkt } from '../text/read-punkt.ts';
import { type BbhRows, bbh, bbhZeroShot, readBbh } from './bbh/bbh.ts';
import { BFCL_CATEGORIES, type BfclFiles, bfcl } from './bfcl/bfcl.ts';
import { HumanEvalRow, humanEval } from './code/human-eval.ts';
import { MBPP_SPLITS, MbppRow, mbpp, mbppSplit } from './code/mbpp.ts';
import { findFiles, findFolder, type Splits, splitPath } from './find-data.ts';
import { Gsm8kRow, gsm8k } from './gsm8k.ts';
import { IfevalRow, ifeval } from './ifeval/ifeval.ts';
import { MmluRow, mmlu } from './mmlu.ts';
import type { Task, TaskOptions } from './task.ts';
import { TruthfulQaRow, truthfulQa } from './truthfulqa.ts';

export interface LoadTaskOptions extends TaskOptions {
  /** Folder with the task's files, or with a folder of its name that has them. */
  readonly data: string;
  /** Which file is asked; default `test`, as in lm-eval. */
  readonly split?: string;
}

type Loader = (options: Required<Pick<LoadTaskOptions, 'data' | 'split'>> & TaskOptions) => Promise<Task>;

const LOADERS = {
  async gsm8k({ data, split, ...options }) {
    const splits = await findFiles(data, 'gsm8k');
    const asked = await readRows(askedPath(splits, split), Gsm8kRow);
    if (split === 'train') return gsm8k(asked, null, options);
    if (options.shots === 0) return gsm8k(asked, { path: '', rows: [] }, options);
    return gsm8k(asked, await readRows(examplesPath(splits, 'train', 'gsm8k'), Gsm8kRow), options);
  },
  async mmlu({ data, split, ...options }) {
    const splits = await findFiles(data, 'mmlu');
    const asked = await readRows(askedPath(splits, split), MmluRow);
    if (!options.shots) return mmlu(asked, null, options);
    if (split === 'dev') return mmlu(asked, asked, options);
    return mmlu(asked, await readRows(examplesPath(splits, 'dev', 'mmlu'), MmluRow), options);
  },
  async bbh({ data, split, ...options }) {
    refuseSettings('bbh', split, options.shots, 3);
    const rows = await bbhRows(data);
    const files = await findFiles(data, 'cot-prompts', ['.txt']);
    const hint =
      'Name the folder that has bbh and cot-prompts as published, or ask without examples: --task bbh_zeroshot.';
    const path = (task: string) => splitPath(files, task, 'to take the examples of bbh from', hint);
    const prompts = await Promise.all(Object.keys(rows).map(async (task) => [task, await readText(path(task))]));
    return bbh(rows, Object.fromEntries(prompts), options);
  },
  async bbh_zeroshot({ data, split, ...options }) {
    refuseSettings('bbh_zeroshot', split, options.shots, 0);
    return bbhZeroShot(await bbhRows(data), options);
  },
  humaneval: ({ data, split, ...options }) => loadHumanEval('humaneval', data, split, options),
  humaneval_plus: ({ data, split, ...options }) => loadHumanEval('humaneval_plus', data, split, options),
  async mbpp({ data, split, ...options }) {
    const file = await readRows(await onlyPath(data, 'mbpp'), MbppRow);
    const known = MBPP_SPLITS.find((name) => name === split);
    if (!known) throw noData(`mbpp has no split "${split}"; it has ${MBPP_SPLITS.join(', ')}.`, 'Leave out --split.');
    const asked = mbppSplit(file, known);
    if (asked.rows.length > 0) return mbpp('mbpp', asked, options);
    throw noData(
      `${file.path} has no row of the split "${split}" of mbpp.`,
      'Take mbpp.jsonl as its authors published it.',
    );
  },
  mbpp_plus: ({ data, split, ...options }) => loadMbppPlus('mbpp_plus', data, split, options),
  evalplus_mbpp: ({ data, split, ...options }) => loadMbppPlus('evalplus_mbpp', data, split, options),
  async ifeval({ data, split, ...options }) {
    refuseSettings('ifeval', split, options.shots, 0);
    const rows = await readRows(await onlyPath(data, 'ifeval'), IfevalRow);
    const place = await findFolder(data, 'ifeval', 'english');
    const [punkt, isLanguage] = await Promise.all([readPunkt(place), loadIsLanguage()]);
    return ifeval(rows, { punkt, isLanguage }, options);
  },
  truthfulqa_mc1: ({ data, split, ...options }) => loadTruthfulQa('truthfulqa_mc1', data, split, options),
  truthfulqa_mc2: ({ data, split, ...options }) => loadTruthfulQa('truthfulqa_mc2', data, split, options),
  async bfcl({ data, split, ...options }) {
    refuseSettings('bfcl', split, options.shots, 0);
    return bfcl(await findBfcl(data), options);
  },
} satisfies Record<string, Loader>;

async function loadMbppPlus(
  name: 'mbpp_plus' | 'evalplus_mbpp',
  data: string,
  split: string,
  options: TaskOptions,
): Promise<Task> {
  refuseSettings(name, split, undefined, 3);
  return mbpp(name, await readRows(await onlyPath(data, 'mbpp_plus'), MbppRow), options);
}

async function loadTruthfulQa(
  name: 'truthfulqa_mc1' | 'truthfulqa_mc2',
  data: string,
  split: string,
  options: TaskOptions,
): Promise<Task> {
  refuseSettings(name, split, options.shots, 0);
  return truthfulQa(name, await readRows(await onlyPath(data, 'truthfulqa'), TruthfulQaRow), options);
}

async function loadHumanEval(
  name: 'humaneval' | 'humaneval_plus',
  data: string,
  split: string,
  options: TaskOptions,
): Promise<Task> {
  refuseSettings(name, split, options.shots, 0);
  return humanEval(name, await readRows(await onlyPath(data, name), HumanEvalRow), options);
}

/** The questions and right answers of each category that is there. @throws CogumiError EVAL_DATA. */
async function findBfcl(data: string): Promise<Map<string, BfclFiles>> {
  const endings = ['.json', '.json.gz', '.jsonl'];
  const questions = await findFiles(data, 'bfcl', endings);
  const known = BFCL_CATEGORIES.filter((category) => questions.has(`BFCL_v4_${category}`));
  const hint =
    'Name the folder "data" of bfcl-eval: BFCL_v4_simple_python.json and others, and possible_answer with the same names.';
  if (known.length === 0)
    throw noData(`${data} has no file of bfcl, such as BFCL_v4_${BFCL_CATEGORIES[0]}.json.`, hint);
  const place = join(dirname([...questions.values()][0] as string), 'possible_answer');
  if (!existsSync(place)) throw noData(`${place}, the right answers of bfcl, is not there.`, hint);
  const answers = await findFiles(place, 'bfcl', endings);
  return new Map(
    known.map((category) => {
      const name = `BFCL_v4_${category}`;
      const path = splitPath(answers, name, `to take the right answers of ${category} from`, hint);
      return [category, { questions: questions.get(name) as string, answers: path }];
    }),
  );
}

/** The file of a task that is published as one. @throws CogumiError EVAL_DATA if there are several. */
async function onlyPath(data: string, task: string): Promise<string> {
  const splits = await findFiles(data, task);
  const [path] = splits.values();
  if (splits.size === 1 && path !== undefined) return path;
  return splitPath(splits, 'test', `that ${task} is read from`, `Leave only the file of ${task} in its folder.`);
}

export type TaskName = keyof typeof LOADERS;

/** Benchmarks that are known by name. */
export const TASK_NAMES = Object.keys(LOADERS) as TaskName[];

/** Reads a benchmark from its published files. @throws CogumiError EVAL_DATA, EVAL_ROW, EVAL_KEY, EVAL_SHOTS, EVAL_SAMPLES. */
export async function loadTask(name: TaskName, { split = 'test', ...options }: LoadTaskOptions): Promise<Task> {
  if ((options.samples ?? 1) > 1 && !/humaneval|mbpp/.test(name)) {
    throw new CogumiError(
      'EVAL_SAMPLES',
      `${name} was to have ${options.samples} answers to each question; only programs are sampled, whose score is pass@k.`,
      'Leave out --samples.',
      { exitCode: EXIT.usage },
    );
  }
  return LOADERS[name]({ split, ...options });
}

const bbhRows = async (data: string): Promise<BbhRows> => readBbh(await findFiles(data, 'bbh', ['.json', '.json.gz']));

/** @throws CogumiError EVAL_SHOTS, EVAL_DATA where a task that has one file and fixed examples is to have others. */
function refuseSettings(task: string, split: string, shots: number | undefined, own: number): void {
  if (split !== 'test') {
    throw noData(`${task} was to have a split "${split}"; its files are not divided.`, 'Leave out --split.');
  }
  if (shots === undefined || shots === own) return;
  throw new CogumiError(
    'EVAL_SHOTS',
    `${task} was to have ${shots} examples before each question; it has ${own}, which its authors fixed.`,
    'Leave out --shots.',
    { exitCode: EXIT.usage },
  );
}

function askedPath(splits: Splits, split: string): string {
  const other = [...splits.keys()].find((name) => name !== split);
  return splitPath(splits, split, 'to ask', `Name one that there is, such as --split ${other ?? split}.`);
}

function examplesPath(splits: Splits, split: string, task: string): string {
  const hint = `Add ${split}.jsonl, or ask without examples: --shots 0.`;
  return splitPath(splits, split, `to take the examples of ${task} from`, hint);
}
