import { z } from 'zod';
import { LoopOptions } from './loop.ts';

/**
 * Shows each row token by token as training would see it, computed by the code that training uses; no weights are read.
 * Inputs `model` (HF folder; its tokenizer and chat template are read), `rows` (JSONL of Row and TextRow). Output:
 * `preview.jsonl`, one `PreviewedRow` per row, in file order. Facts: `rows`, `trainable`.
 */
export const PreviewOptions = z.strictObject({
  maxRowTokens: LoopOptions.maxRowTokens,
  promptLossWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Weight of the tokens of a question: 0 in `train`; `pretrain` has an option of this name.'),
});
export type PreviewOptions = z.infer<typeof PreviewOptions>;

export const PreviewToken = z.strictObject({
  id: z.int().nonnegative().describe('Number in the vocabulary.'),
  text: z
    .string()
    .describe(
      'What the token adds to the text; empty while a character is incomplete, the token that completes it adds it.',
    ),
  trained: z.boolean().describe('Whether the loss counts it.'),
  special: z.boolean().describe('Whether it is a special token (template or end mark), not text.'),
});
export type PreviewToken = z.infer<typeof PreviewToken>;

export const PreviewedRow = z.strictObject({
  question_id: z.string().nullable().describe('null: running text.'),
  tokens: z
    .array(PreviewToken)
    .describe('All tokens, also of a row that is left out; empty if it cannot be tokenized.'),
  reason: z.string().nullable().describe('Why training leaves the row out or refuses it; null: training uses it.'),
});
export type PreviewedRow = z.infer<typeof PreviewedRow>;
