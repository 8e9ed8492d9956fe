import { z } from 'zod';

/** The graph fills these in: recipes have no key for them. */
export const RetestOptions = z.strictObject({
  examples: z.int().positive().max(100).describe('Answers of each cluster that are shown before and after.'),
});
export type RetestOptions = z.infer<typeof RetestOptions>;
