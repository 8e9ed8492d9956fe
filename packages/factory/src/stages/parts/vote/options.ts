import { z } from 'zod';

export const VoteOptions = z.strictObject({
  by: z
    .enum(['check', 'vote'])
    .default('check')
    .describe(
      '`check`: rows are answers that their checker finds right (its own verified outputs); `vote`: the answer that most samples give, right or not.',
    ),
  minShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('With `vote`: least share of the samples that give the same answer; below it a question is left out.'),
  validationShare: z.number().gt(0).lt(0.5).default(0.05).describe('Share of the rows held back to measure the loss.'),
});
export type VoteOptions = z.infer<typeof VoteOptions>;
