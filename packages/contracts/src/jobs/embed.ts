import { z } from 'zod';

/**
 * A vector a question. Inputs `model`, `rows`. Output: `embeddings.safetensors` with `embeddings` f32 [rows, hidden]
 * (mean over the prompt's tokens of the last hidden state) and `ids.json`.
 */
export const EmbedOptions = z.strictObject({
  batchTokens: z.int().positive().default(8192),
  maxRowTokens: z.int().positive().default(1024),
});
export type EmbedOptions = z.infer<typeof EmbedOptions>;
