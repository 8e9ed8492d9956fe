import { z } from 'zod';
import { ChatTemplateOption } from '../../chat-templates.ts';

export const BaseOptions = z.strictObject({
  path: z
    .string()
    .describe(
      'Folder in Hugging Face form: `config.json`, safetensors, tokenizer. With `from: dequantized` a GGUF file.',
    ),
  from: z
    .enum(['full-precision', 'dequantized'])
    .default('full-precision')
    .describe(
      '`dequantized` takes a GGUF file and trains on what its weights stand for: they keep the loss of that quantization. The bundle says so.',
    ),
  licence: z.string().default('unknown').describe('SPDX id of the weights; goes into the bundle.'),
  chatTemplate: ChatTemplateOption,
});
export type BaseOptions = z.infer<typeof BaseOptions>;

/** The path is not part of the key: the content of the file or folder is. */
export const BaseStageOptions = BaseOptions.omit({ path: true, from: true });
export type BaseStageOptions = z.infer<typeof BaseStageOptions>;
