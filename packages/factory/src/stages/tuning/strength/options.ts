import { z } from 'zod';

/** The graph fills these in from `repair` and `evaluate` of the recipe: answers are taken and judged as those that are compared. */
export const StrengthOptions = z.strictObject({
  maxTokens: z.int().positive().describe('An answer is cut there.'),
  sequences: z.int().positive().describe('Answers decoded side by side.'),
  extraction: z.int().positive().describe('Version of the rules by which an answer is found in prose.'),
  strengths: z.array(z.number().gt(0).lte(1)).min(1).describe('Shares of the change that are tried.'),
});
export type StrengthOptions = z.infer<typeof StrengthOptions>;
