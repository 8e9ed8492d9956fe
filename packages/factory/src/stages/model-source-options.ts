import { z } from 'zod';
import { ChatTemplateOption } from './chat-templates.ts';

/** What a stage needs to know of a model that somebody else made, besides its files. */
export const ModelSourceOptions = z.strictObject({
  licence: z
    .string()
    .default('unknown')
    .describe('SPDX id of the weights; goes into the bundle. `unknown`: what the model’s card or GGUF file names.'),
  chatTemplate: ChatTemplateOption,
  thinking: z
    .boolean()
    .optional()
    .describe(
      'Whether the model thinks before it answers, for chat templates that ask (`enable_thinking`, as of Qwen 3 and SmolLM3). Left out: as the template has it, which mostly means that it thinks.',
    ),
});
export type ModelSourceOptions = z.infer<typeof ModelSourceOptions>;
