import { REPOSITORY_ID, Revision } from '@cogumi/data/hub';
import { z } from 'zod';
import { ModelSourceOptions } from '../../model-source-options.ts';

/** The path is not part of a key: the content of the file or folder is. */
export const BaseOptions = z
  .strictObject({
    path: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'Folder in Hugging Face form: `config.json`, safetensors, tokenizer. With `from: dequantized` a GGUF file.',
      ),
    hub: z
      .string()
      .regex(REPOSITORY_ID, 'is not the id of a model, `owner/name`')
      .nullable()
      .default(null)
      .describe('Model of the Hugging Face Hub, `owner/name`, instead of `path`.'),
    revision: Revision,
    files: z
      .record(
        z.string().regex(/^(?!\.{1,2}$)[^/\\]+$/, 'is not the name of a file at the top level'),
        z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'is not a hash of 40 or 64 hex digits'),
      )
      .nullable()
      .default(null)
      .describe(
        'Files of `hub` with their hashes; null: what belongs to the model, as the first plan notes it with the commit.',
      ),
    from: z
      .enum(['full-precision', 'dequantized'])
      .default('full-precision')
      .describe(
        '`dequantized` takes a GGUF file and trains on what its weights stand for: they keep the loss of that quantization. The bundle says so.',
      ),
    ...ModelSourceOptions.shape,
  })
  .superRefine(({ path, hub, files, from }, { addIssue }) => {
    const refuse = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message });
    if (path === null && hub === null) refuse('path', 'a base needs one of `path` and `hub`');
    if (path !== null && hub !== null) refuse('hub', 'a base has either a `path` or a `hub`, not both');
    if (hub === null && files !== null) refuse('files', '`files` is only for a base with `hub`');
    if (hub !== null && from === 'dequantized')
      refuse('from', 'a GGUF file is taken from `path`: download it, and leave `hub` out');
  });
export type BaseOptions = z.infer<typeof BaseOptions>;

/** A model of the hub as it is read: at a commit, each file with its hash. */
export const HubModel = z.strictObject({
  id: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  files: z.record(z.string(), z.string()),
});
export type HubModel = z.infer<typeof HubModel>;

/** Without `hub` the model is the folder that the stage is given. */
export const BaseStageOptions = z.strictObject({ ...ModelSourceOptions.shape, hub: HubModel.optional() });
export type BaseStageOptions = z.infer<typeof BaseStageOptions>;
