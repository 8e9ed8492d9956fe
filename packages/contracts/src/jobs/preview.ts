import { z } from 'zod';
import { LoopOptions } from './loop.ts';

/**
 * What training would make of each row, token by token, by the code that training uses; no weights are read. Inputs
 * `model` (HF folder, of which the tokenizer and the chat template), `rows` (JSONL of Row and TextRow). Output:
 * `preview.jsonl`, a `PreviewedRow` a row, in their order. Facts: `rows`, `trainable`.
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
  id: z.int().nonnegative().describe('Place in the vocabulary.'),
  text: z.string().describe('What it adds to the text; empty while a character is not whole, the next one brings it.'),
  trained: z.boolean().describe('Whether the loss falls on it.'),
  special: z.boolean().describe('Whether it is a mark of the template or of the end, not text.'),
});
export type PreviewToken = z.infer<typeof PreviewToken>;

export const PreviewedRow = z.strictObject({
  question_id: z.string().nullable().describe('null: running text.'),
  tokens: z.array(PreviewToken).describe('All of them, also of a row that is left out; none where it cannot be cut.'),
  reason: z.string().nullable().describe('Why training leaves the row out or refuses it; null: it is learned.'),
});
export type PreviewedRow = z.infer<typeof PreviewedRow>;
