import { z } from 'zod';

export const SpeculateOptions = z.strictObject({
  prompts: z
    .int()
    .min(2)
    .default(24)
    .describe('Held-out questions that are answered with the draft model and without.'),
  maxTokens: z.int().positive().default(64).describe('Most tokens of an answer.'),
  draftTokens: z
    .int()
    .positive()
    .max(15)
    .default(5)
    .describe(
      'Length of the drafts with which acceptance is measured; how fast answers are is measured with lengths that pay.',
    ),
});
export type SpeculateOptions = z.infer<typeof SpeculateOptions>;
