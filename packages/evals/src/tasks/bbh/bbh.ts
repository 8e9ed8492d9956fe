import { z } from 'zod';
import { noData, parseRow, type RowFile, readText } from '../../rows/read-rows.ts';
import { exactMatch } from '../../scoring/exact-match.ts';
import { extractMatch } from '../../scoring/extract-match.ts';
import { TEXT_END } from '../../scoring/python-text.ts';
import { type GenerationItem, MAX_ANSWER_TOKENS, type Scores, type Task, type TaskOptions } from '../task.ts';
import { readerOf } from './answer-readers.ts';
import descriptions from './descriptions.json' with { type: 'json' };

/** The 27 tasks; each begins with what it is about (Suzgun et al. 2022, MIT). */
const DESCRIPTIONS: Readonly<Record<string, string>> = descriptions;

const BbhRow = z.object({ input: z.string().min(1), target: z.string().min(1) });
export type BbhRow = z.infer<typeof BbhRow>;
const BbhFile = z.object({ examples: z.array(z.unknown()) });

/** The rows of some of the 27 tasks. */
export type BbhRows = Readonly<Record<string, readonly BbhRow[]>>;

const IGNORED = { ignore: [new RegExp(`\\.${TEXT_END}`, 'g'), /,/g, /\n/g, /\\/g, /"/g], ignoreCase: true };

/** @returns `strict-match`: the answer as it is; `flexible-extract`: what the task's reader finds in it. */
export function scoreBbhZeroShot(task: string, { input, target }: BbhRow, answer: string): Scores {
  const score = (found: string) => Number(exactMatch(found, target, IGNORED));
  return { 'strict-match': score(answer), 'flexible-extract': score(readerOf(task)(answer, input)) };
}

/** BIG-Bench Hard without examples, with the prompts and scores of lm-eval's `bbh_zeroshot`. */
export function bbhZeroShot(rows: BbhRows, { limit = Number.POSITIVE_INFINITY }: TaskOptions = {}): Task {
  const items = Object.entries(rows).flatMap(([task, members]) =>
    members.slice(0, limit).map(
      (row, at): GenerationItem => ({
        id: `${task}-${at}`,
        group: task,
        request: {
          kind: 'generate',
          prompt: `${DESCRIPTIONS[task]}\n\nQ: ${row.input}\nA:`,
          stop: ['</s>', 'Q:', '<|im_end|>'],
          maxTokens: MAX_ANSWER_TOKENS,
        },
        score: (answer) => scoreBbhZeroShot(task, row, answer),
      }),
    ),
  );
  return {
    name: 'bbh_zeroshot',
    harness: { task: 'bbh_zeroshot', version: 3 },
    shots: 0,
    metric: 'exact_match',
    items,
  };
}

const GET_ANSWER = /(?<=the answer is )([^\n]*)(?=[^\n])/g;

/**
 * BIG-Bench Hard with three worked examples, with the prompts and scores of lm-eval's `bbh`.
 *
 * @param prompts - The published prompt of each task (`cot-prompts/*.txt`).
 */
export function bbh(
  rows: BbhRows,
  prompts: Readonly<Record<string, string>>,
  { limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Task {
  const items = Object.entries(rows).flatMap(([task, members]) => {
    const before = workedExamples(prompts[task] as string);
    return members.slice(0, limit).map(
      (row, at): GenerationItem => ({
        id: `${task}-${at}`,
        group: task,
        request: {
          kind: 'generate',
          prompt: `${before}Q: ${row.input}\n${STEPS}\n`,
          stop: ['</s>', 'Q', '\n\n'],
          maxTokens: 1024,
        },
        score: (answer) => ({ 'get-answer': Number(exactMatch(extractMatch(answer, GET_ANSWER), row.target)) }),
      }),
    );
  });
  return { name: 'bbh', harness: { task: 'bbh', version: 3 }, shots: 3, metric: 'exact_match', items };
}

const STEPS = "A: Let's think step by step.";

/** What stands before a question: the published prompt below its mark, each answer on a line of its own, as lm-eval writes it. */
function workedExamples(prompt: string): string {
  const text = prompt.slice(prompt.indexOf('-----\n') + 6).trimEnd();
  return `${text.replaceAll(`${STEPS} `, `${STEPS}\n`)}\n\n`;
}

/** Reads the files of those of the 27 tasks that there are. @throws CogumiError EVAL_DATA, EVAL_ROW. */
export async function readBbh(files: ReadonlyMap<string, string>): Promise<BbhRows> {
  const known = [...files].filter(([task]) => Object.hasOwn(DESCRIPTIONS, task));
  if (known.length === 0) {
    throw noData(
      `None of the files is a task of BIG-Bench Hard: there is ${[...files.keys()].join(', ')}.`,
      'Name the folder with its files as published, such as boolean_expressions.json.',
    );
  }
  const rows = await Promise.all(known.map(async ([task, path]) => [task, (await readExamples(path)).rows] as const));
  return Object.fromEntries(rows);
}

async function readExamples(path: string): Promise<RowFile<BbhRow>> {
  const text = await readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw noData(
      `${path} is no JSON: ${(cause as Error).message}.`,
      'Take the file as its authors published it.',
      cause,
    );
  }
  const { success, data } = BbhFile.safeParse(value);
  if (!success || data.examples.length === 0) {
    throw noData(
      `${path} was to have a list "examples" with at least one row.`,
      'Take the file as its authors published it.',
    );
  }
  return { path, rows: data.examples.map((row, at) => parseRow(path, at, row, BbhRow)) };
}
