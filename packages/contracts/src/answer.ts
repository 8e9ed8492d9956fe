import { z } from 'zod';
import { Domain } from './domains.ts';

/**
 * Why an answer is wrong. `wrong`: it was found, and is not right. `unreadable`: nothing in it is an answer of the kind that was asked
 * for. `cut`: it ended at the limit of tokens before it came to one. `refused`: the model said that it cannot.
 */
export const Failure = z.enum(['wrong', 'unreadable', 'cut', 'refused']);
export type Failure = z.infer<typeof Failure>;

/** A line of `answers.jsonl`: a model's answer and whether it was right. */
export const Answer = z.strictObject({
  question_id: z.string(),
  domain: Domain,
  unseen: z.boolean().nullable(),
  answer: z.string(),
  tokens: z.int(),
  finish: z.string().describe('Why the answer ended. `length`: truncated at the limit, which may be why it is wrong.'),
  correct: z.boolean().nullable().describe('null: not measured, since the teacher that judges gave no verdict.'),
  reason: z.string(),
  extracted: z
    .string()
    .nullish()
    .describe('What was found in the answer and judged in its place; null or left out: it was judged as it stands.'),
  advice: z
    .boolean()
    .optional()
    .describe('Whether the verdict is of a judge without a passport, so that no gate may go by it; left out: no.'),
  failure: Failure.nullish().describe('The kind of a wrong answer; left out where answers were judged as they stand.'),
});
export type Answer = z.infer<typeof Answer>;

/** Whether an answer is right only once it was found in prose. */
export function isRightInProse({ correct, extracted }: Pick<Answer, 'correct' | 'extracted'>): boolean {
  return correct === true && typeof extracted === 'string';
}
