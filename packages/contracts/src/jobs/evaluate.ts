import { z } from 'zod';

/**
 * Loss of given answers. Inputs `model`, optional `adapter`, `rows`. Output: `losses.jsonl`, a line a row
 * `{question_id, answerTokens, answerLoss, promptTokens, promptLoss}` (mean nats a token).
 */
export const EvaluateOptions = z.strictObject({
  batchTokens: z.int().positive().default(8192),
  maxRowTokens: z.int().positive().default(1024),
});
export type EvaluateOptions = z.infer<typeof EvaluateOptions>;
