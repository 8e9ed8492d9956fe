import { z } from 'zod';

/** The graph fills these in from `repair` of the recipe. */
export const AlikeOptions = z.strictObject({
  questions: z.int().positive().describe('Questions of each domain.'),
  unseenShare: z.number().min(0).max(1).describe('Share in wordings that training never sees.'),
  ownShare: z
    .number()
    .gt(0)
    .max(1)
    .describe('Most of the unused examples of a domain of one’s own that may be drawn: others are to be learned.'),
  part: z.string().describe('Each part of a build draws questions of its own.'),
  round: z.int().positive().describe('So does each round.'),
});
export type AlikeOptions = z.infer<typeof AlikeOptions>;
