import { z } from 'zod';
import type { RowFile } from '../rows/read-rows.ts';
import { rowError } from '../rows/row-error.ts';
import { argmax } from '../scoring/argmax.ts';
import { strip } from '../scoring/python-text.ts';
import { firstShots } from '../shots/draw-shots.ts';
import type { ChoiceItem, Task, TaskOptions } from './task.ts';

const LETTERS = ['A', 'B', 'C', 'D'] as const;

/** A row (Hendrycks et al. 2021); the answer is a letter, or the place of a choice from 0. */
export const MmluRow = z.object({
  subject: z.string().min(1),
  question: z.string(),
  choices: z.tuple([z.string(), z.string(), z.string(), z.string()]),
  answer: z.union([z.string(), z.int()]),
});
export type MmluRow = z.infer<typeof MmluRow>;

/**
 * MMLU with lm-eval's prompts: the likeliest of the four letters. Subjects are groups, in the order of the file.
 *
 * @param development - The rows that examples are taken from, in their order, `asked` itself where its own rows are asked; not needed without
 * examples.
 * @param options - `limit` counts in each subject, as in lm-eval.
 * @throws CogumiError EVAL_KEY where the key is none of the choices, EVAL_SHOTS.
 */
export function mmlu(
  asked: RowFile<MmluRow>,
  development: RowFile<MmluRow> | null,
  { shots = 0, limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Task {
  const keys = asked.rows.map((_, at) => keyOf(asked, at));
  const examples = development?.rows.map((row, at) => ({
    ...row,
    shown: example(row, keyOf(development, at)),
  }));
  const places = asked.rows.map((_, at) => at);
  const items = [...Map.groupBy(places, (at) => (asked.rows[at] as MmluRow).subject)].flatMap(([subject, members]) => {
    const own = examples?.filter((row) => row.subject === subject) ?? [];
    const introduction = `The following are multiple choice questions (with answers) about ${subject.replaceAll('_', ' ')}.\n\n`;
    return members.slice(0, limit).map((at, place): ChoiceItem => {
      const row = asked.rows[at] as MmluRow;
      // A question is never its own example.
      const others =
        development === asked ? own.filter(({ shown }) => shown !== example(row, keys[at] as number)) : own;
      const before = firstShots(others, shots).map(({ shown }) => shown);
      return {
        id: `${subject}-${place}`,
        group: subject,
        request: {
          kind: 'choose',
          context: introduction + before.join('') + question(row),
          choices: LETTERS.map((letter) => ` ${letter}`),
        },
        score: (logLikelihoods) => ({ acc: Number(argmax(logLikelihoods) === keys[at]) }),
      };
    });
  });
  return { name: 'mmlu', harness: { task: 'mmlu', version: 2 }, shots, metric: null, items };
}

const example = (row: MmluRow, key: number) => `${question(row)} ${LETTERS[key]}\n\n`;

function question({ question: asked, choices }: MmluRow): string {
  const lines = choices.map((choice, at) => `${LETTERS[at]}. ${choice}\n`);
  return `${strip(asked)}\n${lines.join('')}Answer:`;
}

/** Place of the right choice. @throws CogumiError EVAL_KEY. */
function keyOf({ path, rows }: RowFile<MmluRow>, at: number): number {
  const { answer } = rows[at] as MmluRow;
  const place = typeof answer === 'number' ? answer : LETTERS.indexOf(answer as (typeof LETTERS)[number]);
  if (place >= 0 && place < LETTERS.length) return place;
  throw rowError('EVAL_KEY', path, at, 'is A to D, or 0 to 3, for its 4 choices', `is ${JSON.stringify(answer)}`);
}
