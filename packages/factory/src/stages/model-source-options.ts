import { z } from 'zod';
import { ChatTemplateOption } from './chat-templates.ts';

/** What a stage needs to know of a model that somebody else made, besides its files. */
export const ModelSourceOptions = z.strictObject({
  licence: z
    .string()
    .default('unknown')
    .describe('SPDX id of the weights; goes into the bundle. `unknown`: what the model’s card or GGUF file names.'),
  chatTemplate: ChatTemplateOption,
});
export type ModelSourceOptions = z.infer<typeof ModelSourceOptions>;
