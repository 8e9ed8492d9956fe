import { z } from 'zod';

/** The graph fills these in: recipes have no key for them. */
export const MinimalPairsOptions = z.strictObject({
  ratio: z.number().positive().describe('Least right choices as a multiple of the other model’s, on the same pairs.'),
});
export type MinimalPairsOptions = z.infer<typeof MinimalPairsOptions>;
