import { z } from 'zod';
import { Domain } from './domains.ts';

/** A line of `answers.jsonl`: what a model said and whether it was right. */
export const Answer = z.strictObject({
  question_id: z.string(),
  domain: Domain,
  unseen: z.boolean(),
  answer: z.string(),
  tokens: z.int(),
  finish: z.string().describe('`length`: cut at the limit, which may be why it is wrong.'),
  correct: z.boolean(),
  reason: z.string(),
});
export type Answer = z.infer<typeof Answer>;
