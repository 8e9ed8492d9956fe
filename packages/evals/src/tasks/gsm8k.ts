import { z } from 'zod';
import type { RowFile } from '../rows/read-rows.ts';
import { rowError } from '../rows/row-error.ts';
import { exactMatch } from '../scoring/exact-match.ts';
import { extractMatch } from '../scoring/extract-match.ts';
import { TEXT_END } from '../scoring/python-text.ts';
import { drawShots, SHOT_SEED } from '../shots/draw-shots.ts';
import { PythonRandom } from '../shots/python-random.ts';
import { type GenerationItem, MAX_ANSWER_TOKENS, type Scores, type Task, type TaskOptions } from './task.ts';

/** A row as published (Cobbe et al. 2021); the answer ends with `#### ` and the number. */
export const Gsm8kRow = z.object({ question: z.string().min(1), answer: z.string() });
export type Gsm8kRow = z.infer<typeof Gsm8kRow>;

const FINAL = /#### (-?[0-9.,]+)/g;
const NUMBERS = /(-?[$0-9.,]{2,})|(-?[0-9]+)/g;
const IGNORED = {
  ignore: [/,/g, /\$/g, /^[\s\S]*#### /g, new RegExp(`\\.${TEXT_END}`, 'g')],
  ignoreCase: true,
};

/**
 * Scores one answer as lm-eval's `gsm8k` (version 3) does.
 *
 * @param key - The published answer, whose last number counts.
 * @returns `strict-match`: the number behind `####`; `flexible-extract`: the last number.
 */
export function scoreGsm8k(answer: string, key: string): Scores {
  const score = (found: string) => Number(exactMatch(found, key, IGNORED));
  return {
    'strict-match': score(extractMatch(answer, FINAL)),
    'flexible-extract': score(extractMatch(answer, NUMBERS, -1)),
  };
}

/**
 * GSM8K with lm-eval's prompts.
 *
 * @param pool - The rows that examples are drawn from; null: `asked` itself, never the item's own row.
 * @throws CogumiError EVAL_KEY for an answer without a number, EVAL_SHOTS.
 */
export function gsm8k(
  asked: RowFile<Gsm8kRow>,
  pool: RowFile<Gsm8kRow> | null,
  { shots = 5, limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Task {
  const random = new PythonRandom(SHOT_SEED);
  for (const file of pool ? [asked, pool] : [asked]) checkKeys(file);
  const items = asked.rows.slice(0, limit).map((row, at): GenerationItem => {
    const examples = drawShots(random, (pool ?? asked).rows, shots, pool ? null : row);
    const shown = examples.map(({ question, answer }) => `${opening(question)} ${answer}\n\n`);
    return {
      id: `gsm8k-${at}`,
      group: null,
      request: {
        kind: 'generate',
        prompt: shown.join('') + opening(row.question),
        stop: ['Question:', '</s>', '<|im_end|>'],
        maxTokens: MAX_ANSWER_TOKENS,
      },
      score: (answer) => scoreGsm8k(answer, row.answer),
    };
  });
  return { name: 'gsm8k', harness: { task: 'gsm8k', version: 3 }, shots, metric: 'exact_match', items };
}

const opening = (question: string) => `Question: ${question}\nAnswer:`;

function checkKeys({ path, rows }: RowFile<Gsm8kRow>): void {
  const at = rows.findIndex(({ answer }) => !/#### -?[$0-9.,]*[0-9]/.test(answer));
  if (at < 0) return;
  throw rowError(
    'EVAL_KEY',
    path,
    at,
    `ends with "#### " and a number`,
    `ends with ${JSON.stringify(rows[at]?.answer.slice(-40))}`,
  );
}
