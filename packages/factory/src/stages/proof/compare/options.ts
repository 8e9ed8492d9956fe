import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** The graph fills these in: recipes have no key for them. */
export const CompareOptions = z.strictObject({
  domains: z.record(z.string(), Domain).describe('Modifier to its domain, whose questions it answers.'),
});
export type CompareOptions = z.infer<typeof CompareOptions>;
