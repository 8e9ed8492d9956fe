import { z } from 'zod';
import { ModelSourceOptions } from '../../model-source-options.ts';

/** The path is not part of a key: the content of the file or folder is. */
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
  ...ModelSourceOptions.shape,
});
export type BaseOptions = z.infer<typeof BaseOptions>;
