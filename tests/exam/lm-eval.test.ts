/**
 * Prompts and scores of `cogumi eval` against lm-eval's own code, from PyPI: the same questions, the same real answers of models, every prompt
 * equal, every score equal. Two variables name published answers of large models, which are read as well where they are set:
 * `COGUMI_GSM8K_SOLUTIONS` the file `example_model_solutions.jsonl` of openai/grade-school-math (four models of up to 175 B), and
 * `COGUMI_BBH` a copy of suzgunmirac/BIG-Bench-Hard (`code-davinci-002`).
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type BbhRows,
  bbh,
  bbhZeroShot,
  type ChoiceRequest,
  type Gsm8kRow,
  gsm8k,
  hostModel,
  type MmluRow,
  mmlu,
  readBbh,
  type Task,
  type TruthfulQaRow,
  truthfulQa,
} from '@cogumi/evals';
import { openModel } from '@cogumi/llama';
import { stories260k } from '@cogumi/llama/testing';
import { createRandom } from '@cogumi/pure';
import { sharedData } from '@cogumi/pure/testing';
import { openModelFile } from '@cogumi/runtime';
import { startServer } from '@cogumi/runtime/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../start-cogumi.ts';
import {
  ask,
  differences,
  environment,
  folder,
  type Result,
  readShared,
  requestOf,
  requestsIn,
  scoreOf,
} from './ask-lm-eval.ts';

/** Answers of five models, from 7 B to GPT-4, to other questions: prose with numbers, lists, code and formulas. */
const PROSE = ['Meta-Llama-3-8B-Instruct', 'alpaca-7b', 'gpt-3.5-turbo-1106', 'gpt4_1106_preview', 'phi-2'];
const prose = () =>
  PROSE.flatMap((model) =>
    readShared<{ output: string }>(`alpaca_eval/outputs_${model}.json.gz`).map(({ output }) => output),
  );

/** One answer for each item, beginning at another place in each run. */
const dealt = <Value>(values: readonly Value[], items: number, run: number) =>
  Array.from({ length: items }, (_, at) => values[(run * items + at) % values.length] as Value);

describe('gsm8k', () => {
  const shared = () => readShared<Gsm8kRow>('gsm8k/train.jsonl.gz');

  it('has the prompts and scores of lm-eval for thousands of real answers', { timeout: 3_600_000 }, () => {
    const rows = shared();
    const [test, train] = [rows.slice(0, 1319), rows.slice(1319)];
    const { items, metric } = gsm8k({ path: 'test', rows: test }, { path: 'train', rows: train });
    const own = test.map(({ answer }) => answer);
    const texts = prose();
    const runs = [
      own,
      own.map((answer) => answer.replace(/#### (.*)$/, 'So the answer is $$$1.')),
      [...own.slice(1), own[0] as string],
      ...[0, 1, 2, 3].map((run) => dealt(texts, items.length, run)),
    ];
    const { gsm8k: theirs } = ask({
      folders: ['gsm8k'],
      tasks: ['gsm8k'],
      splits: { main: { test, train } },
      shots: null,
      answers: { gsm8k: runs },
    });
    expect(items.map(requestOf)).toEqual(requestsIn(theirs));
    const { compared, found } = differences(items, metric, theirs as Result[string], runs);
    expect(found.slice(0, 5)).toEqual([]);
    expect(compared).toBeGreaterThan(9000);
    console.log(`gsm8k: ${items.length} prompts and ${compared} answers, ${found.length} differences`);
  });

  it('never draws the question itself where its own file gives the examples, as lm-eval', {
    timeout: 3_600_000,
  }, () => {
    const train = shared().slice(0, 400);
    const { items } = gsm8k({ path: 'train', rows: train }, null);
    // The task as lm-eval has it, with its questions in the file of the examples.
    const { gsm8k_train: theirs } = ask({
      ...{ folders: ['gsm8k'], tasks: [], splits: { main: { train } }, shots: null, answers: {} },
      changed: [{ file: 'gsm8k/gsm8k.yaml', settings: { task: 'gsm8k_train', test_split: 'train' } }],
    });
    expect(items.map(requestOf)).toEqual(requestsIn(theirs));
  });

  const solutions = process.env.COGUMI_GSM8K_SOLUTIONS;
  it.skipIf(solutions === undefined)(
    'scores the published answers of four large models alike',
    { timeout: 3_600_000 },
    () => {
      type Solved = Record<string, { solution: string; is_correct: boolean }> & {
        question: string;
        ground_truth: string;
      };
      const solved = readFileSync(solutions as string, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Solved);
      const withMark = (text: string) => text.replace(/^A: /m, '#### ');
      const test = solved.map(({ question, ground_truth: truth }) => ({ question, answer: withMark(truth) }));
      const models = ['6b_finetuning', '6b_verification', '175b_finetuning', '175b_verification'];
      const given = models.map((model) => solved.map((row) => row[model]?.solution ?? ''));
      const runs = [...given, ...given.map((answers) => answers.map(withMark))];
      const { items, metric } = gsm8k({ path: 'test', rows: test }, { path: 'none', rows: [] }, { shots: 0 });
      const { gsm8k: theirs } = ask({
        folders: ['gsm8k'],
        tasks: ['gsm8k'],
        splits: { main: { test, train: test } },
        shots: 0,
        answers: { gsm8k: runs },
      });
      const { compared, found } = differences(items, metric, theirs as Result[string], runs);
      expect(found.slice(0, 5)).toEqual([]);
      for (const [at, model] of models.entries()) {
        const strict = items.filter(
          (item, place) => scoreOf(item, runs[at + 4]?.[place] as string)['strict-match'] === 1,
        ).length;
        const published = solved.filter((row) => row[model]?.is_correct).length;
        console.log(`${model}: ${strict} of ${items.length} by strict-match, ${published} as published`);
      }
      console.log(`gsm8k: ${compared} published answers, ${found.length} differences`);
    },
  );
});

describe('mmlu', () => {
  it('has the prompts of lm-eval for all 57 subjects, and its choice for any likelihoods', {
    timeout: 3_600_000,
  }, () => {
    const [asked, development] = [readShared<MmluRow>('mmlu/val.jsonl.gz'), readShared<MmluRow>('mmlu/dev.jsonl.gz')];
    const subjects = [...new Set(asked.map(({ subject }) => subject))];
    const place = (row: MmluRow) => ({ ...row, answer: 'ABCD'.indexOf(row.answer as string) });
    const of = (rows: readonly MmluRow[], subject: string) => rows.filter((row) => row.subject === subject).map(place);
    const splits = Object.fromEntries(
      subjects.map((subject) => [subject, { test: of(asked, subject), dev: of(development, subject) }]),
    );
    const random = createRandom('likelihoods');
    for (const shots of [0, 5]) {
      const { items, metric } = mmlu({ path: 'val', rows: asked }, { path: 'dev', rows: development }, { shots });
      // Some are equal.
      const likelihoods = () =>
        Array.from({ length: 4 }, () => random.pick([-random.integer(0, 5), -random.next(), -1e30]));
      const answers = new Map(items.map(({ id }) => [id, likelihoods()]));
      const inSubject = (subject: string) => items.filter(({ group }) => group === subject);
      const runsOf = (subject: string) => [inSubject(subject).map(({ id }) => answers.get(id) as number[])];
      const theirs = ask({
        ...{ folders: ['mmlu/default'], tasks: subjects.map((subject) => `mmlu_${subject}`), splits, shots },
        answers: Object.fromEntries(subjects.map((subject) => [`mmlu_${subject}`, runsOf(subject)])),
      });
      let count = 0;
      for (const subject of subjects) {
        const result = theirs[`mmlu_${subject}`] as Result[string];
        const own = inSubject(subject);
        expect(own.map(requestOf)).toEqual(requestsIn(result));
        const { compared, found } = differences(own, metric, result, runsOf(subject));
        expect(found.slice(0, 5)).toEqual([]);
        count += compared;
      }
      expect(count).toBe(asked.length);
      console.log(`mmlu with ${shots} examples: ${count} prompts and choices, 0 differences`);
    }
  });
});

describe('truthfulqa', () => {
  it('has the prompts and scores of lm-eval, for questions of MMLU in its form', { timeout: 3_600_000 }, () => {
    const rows = readShared<MmluRow>('mmlu/val.jsonl.gz').map(({ question, choices, answer }): TruthfulQaRow => {
      const right = 'ABCD'.indexOf(answer as string);
      const ordered = [choices[right] as string, ...choices.filter((_, at) => at !== right)].map(
        (one) => one || 'none',
      );
      return {
        question: question || 'Which?',
        mc1_targets: { choices: ordered, labels: [1, 0, 0, 0] },
        mc2_targets: { choices: ordered, labels: [1, 0, 1, 0] },
      };
    });
    const random = createRandom('truthful');
    for (const name of ['truthfulqa_mc1', 'truthfulqa_mc2'] as const) {
      const { items } = truthfulQa(name, { path: 'validation', rows });
      const runs = [items.map(() => Array.from({ length: 4 }, () => random.pick([-random.next() * 9, -1, -2])))];
      const split = { validation: rows };
      const { [name]: theirs } = ask({
        ...{ folders: ['truthfulqa'], tasks: [name], splits: { multiple_choice: split }, shots: null },
        answers: { [name]: runs },
      });
      expect(items.map(requestOf)).toEqual(requestsIn(theirs));
      // Sums in another order differ in the last digits.
      const rounded = (scores: unknown) => Number((scores as { acc: number }).acc.toPrecision(12));
      const apart = items.filter(
        (item, at) =>
          rounded(scoreOf(item, runs[0]?.[at] as number[])) !== rounded((theirs as Result[string]).runs[0]?.[at]),
      );
      expect(apart).toEqual([]);
      console.log(`${name}: ${items.length} prompts and scores, 0 differences`);
    }
  });
});

describe('likelihoods', () => {
  /** Rounding of the 16-bit KV cache over some hundred tokens (0.063 was measured), against 32 bits there. */
  const MOST = 0.1;

  const path = join(folder, 'stories.gguf');
  const { signal } = new AbortController();
  let requests: ChoiceRequest[];
  let ours: number[][];
  beforeAll(async () => {
    writeFileSync(path, stories260k());
    const asked = mmlu({ path: 'val', rows: readShared<MmluRow>('mmlu/val.jsonl.gz') }, null, { limit: 1 }).items;
    const stories = ['Once upon a time, there was a little girl named', 'The cat sat on the '].map((context) => ({
      ...{ kind: 'choose' as const, context, choices: [' Lily', ' mat and slept', ' xylophone'] },
    }));
    requests = [...stories, ...asked.flatMap(({ request }) => (request.kind === 'choose' ? [request] : []))]
      // What fits into its context of 512 tokens, of a character or more each.
      .filter(({ context }) => context.length < 500);
    const host = await openModel({ modelPath: path, sequences: 1, threads: 1 });
    const model = hostModel(host, { name: 'stories', digest: 'sha256:0', adapter: null, sequences: 1 });
    ours = [];
    for (const request of requests) ours.push(await model.logLikelihoods(request, signal));
    await host.close();
  }, 60_000);

  /** lm-eval's, from the weights or of a server. */
  async function compare(what: string, url: readonly string[], most: number) {
    const [job, result] = [join(folder, 'asked.json'), join(folder, 'likelihoods.json')];
    writeFileSync(job, JSON.stringify(requests));
    const args = [join(ROOT, 'tests/exam/lm_eval_likelihoods.py'), path, job, result, ...url];
    await promisify(execFile)(join(environment, 'bin/python'), args, {
      env: { ...process.env, HF_HUB_OFFLINE: '1' },
    });
    const theirs: number[][] = JSON.parse(readFileSync(result, 'utf8'));
    const apart = ours.flatMap((values, at) =>
      values.map((value, place) => Math.abs(value - (theirs[at]?.[place] ?? NaN))),
    );
    console.log(
      `likelihoods: ${apart.length} of ${requests.length} questions, ${Math.max(...apart).toFixed(3)} apart at the most from ${what}`,
    );
    expect(requests.length).toBeGreaterThan(20);
    expect(Math.max(...apart)).toBeLessThan(most);
  }

  it(
    'are those of the model class of lm-eval for the same weights, over one token and over several',
    {
      timeout: 3_600_000,
    },
    () => compare('its own reading of the weights', [], MOST),
  );

  it('are those that its client, unmodified, has of a server with the same file', { timeout: 3_600_000 }, async () => {
    const runtime = await openModelFile(path, {}, { cache: folder, threads: 1, signal });
    const server = await startServer(runtime, { port: 0 });
    try {
      await compare('a server', [server.url], MOST);
    } finally {
      await server.close(0);
      await runtime.close();
    }
  });
});

describe('bbh', () => {
  const SHARED = [
    ...['boolean_expressions', 'date_understanding', 'dyck_languages', 'geometric_shapes', 'multistep_arithmetic_two'],
    ...['object_counting', 'reasoning_about_colored_objects', 'sports_understanding', 'word_sorting'],
    ...['salient_translation_error_detection', 'logical_deduction_three_objects'],
  ];

  /** Compares all tasks of a group of lm-eval; each run has one answer for each row of a task. */
  function compare(
    task: Task,
    group: string,
    folderName: string,
    rows: BbhRows,
    runs: Readonly<Record<string, readonly (readonly string[])[]>>,
  ) {
    const names = Object.keys(rows);
    const theirs = ask({
      folders: [`bbh/${folderName}`],
      tasks: names.map((name) => `${group}_${name}`),
      splits: Object.fromEntries(names.map((name) => [name, { test: rows[name] as readonly object[] }])),
      shots: null,
      answers: Object.fromEntries(names.map((name) => [`${group}_${name}`, runs[name] ?? []])),
    });
    const sum = { prompts: 0, compared: 0, failed: 0 };
    for (const name of names) {
      const own = task.items.filter((item) => item.group === name);
      const result = theirs[`${group}_${name}`] as Result[string];
      expect(own.map(requestOf)).toEqual(requestsIn(result));
      const { compared, failed, found } = differences(own, task.metric, result, runs[name] ?? []);
      expect(found.slice(0, 5)).toEqual([]);
      sum.prompts += own.length;
      sum.compared += compared;
      sum.failed += failed;
    }
    console.log(
      `${group}: ${sum.prompts} prompts and ${sum.compared} answers, 0 differences; lm-eval failed at ${sum.failed}`,
    );
    expect(sum.failed).toBeLessThan(sum.compared / 100);
    return sum;
  }

  it('has the prompts and scores of `bbh_zeroshot` for thousands of real answers', { timeout: 3_600_000 }, async () => {
    const rows = await readBbh(new Map(SHARED.map((name) => [name, sharedData(`bbh/${name}.json`)])));
    const texts = prose();
    const answers = SHARED.map((name) => {
      const own = (rows[name] ?? []).map(({ target }) => `So the answer is ${target}.`);
      return [name, [own, ...[0, 1, 2].map((run) => dealt(texts, own.length, run))]] as const;
    });
    const { compared } = compare(bbhZeroShot(rows), 'bbh_zeroshot', 'zeroshot', rows, Object.fromEntries(answers));
    expect(compared).toBeGreaterThan(10_000);
  });

  const published = process.env.COGUMI_BBH;
  it.skipIf(published === undefined)(
    'scores the published answers of code-davinci-002 to all 27 tasks alike',
    {
      timeout: 3_600_000,
    },
    async () => {
      const path = (...parts: string[]) => join(published as string, ...parts);
      const names = readdirSync(path('cot-prompts')).map((name) => name.replace('.txt', ''));
      const rows = await readBbh(new Map(names.map((name) => [name, path('bbh', `${name}.json`)])));
      const prompts = Object.fromEntries(
        names.map((name) => [name, readFileSync(path('cot-prompts', `${name}.txt`), 'utf8')]),
      );
      const answers = names.map((name) => {
        const file = path('code-davinci-002-outputs/code-davinci-002-cot', `${name}_few_shot_template_0-255000.json`);
        const outputs = JSON.parse(readFileSync(file, 'utf8')).outputs as { prediction: string }[];
        return [name, [outputs.map(({ prediction }) => prediction)]] as const;
      });
      expect(Object.keys(rows)).toHaveLength(27);
      compare(bbh(rows, prompts), 'bbh_cot_fewshot', 'cot_fewshot', rows, Object.fromEntries(answers));
      compare(bbhZeroShot(rows), 'bbh_zeroshot', 'zeroshot', rows, Object.fromEntries(answers));
    },
  );
});
