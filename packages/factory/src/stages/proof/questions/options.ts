import { Domain, DomainCounts } from '@cogumi/contracts';
import { z } from 'zod';

export const QuestionsOptions = z.strictObject({
  domains: z
    .record(Domain, DomainCounts)
    .default({})
    .describe('Counts by domain; they are kept exactly or the stage fails.'),
  without: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Tasks of the generators that give no question, as in `synthesize`. Left out: all tasks do.'),
  split: z.enum(['train', 'test']).default('test').describe('`test` questions share no fact with `train` ones.'),
  unseenShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of the test in wordings that training never sees.'),
});
export type QuestionsOptions = z.infer<typeof QuestionsOptions>;
