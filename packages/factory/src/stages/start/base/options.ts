import { z } from 'zod';

export const BaseOptions = z.strictObject({
  path: z.string().describe('Folder in Hugging Face form: `config.json`, safetensors, tokenizer.'),
  licence: z.string().default('unknown').describe('SPDX id of the weights; goes into the bundle.'),
});
export type BaseOptions = z.infer<typeof BaseOptions>;
