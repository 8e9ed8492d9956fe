import { z } from 'zod';
import { ChatTemplateOption } from '../../chat-templates.ts';

/** The graph takes them from `base`. */
export const ReadGgufStageOptions = z.strictObject({
  licence: z.string().default('unknown').describe('SPDX id of the weights; goes into the bundle.'),
  chatTemplate: ChatTemplateOption,
});
export type ReadGgufStageOptions = z.infer<typeof ReadGgufStageOptions>;
