import { z } from 'zod';
import { Domain } from './domains.ts';

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
});
export type Answer = z.infer<typeof Answer>;
