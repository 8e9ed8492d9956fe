import { z } from 'zod';
import { Domain } from './domains.ts';

/** A line of `samples.jsonl`: what a model said to one question several times. */
export const Samples = z.strictObject({
  question_id: z.string(),
  domain: Domain,
  answers: z
    .array(
      z.strictObject({
        answer: z.string(),
        says: z.string().describe('What was found in it, without case, spacing and a full stop; empty: nothing.'),
        correct: z.boolean().nullable().describe('null: the teacher that judges gave no verdict.'),
      }),
    )
    .min(2)
    .describe('The first is the likeliest one, token by token; the others are drawn.'),
});
export type Samples = z.infer<typeof Samples>;
export type Sample = Samples['answers'][number];

/** Whether two answers agree: both are right, however they are written, or they say the same. */
export function agree(one: Sample, other: Sample): boolean {
  if (one.correct === true || other.correct === true) return one.correct === other.correct;
  return one.says !== '' && one.says === other.says;
}
