import { Digest } from '@cogumi/contracts';
import { z } from 'zod';

/** The recipe's part: which bundle, and what of it is left out. */
export const ExtendOptions = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe('The bundle, a *.cogumi file. Its base, modifiers and evidence are taken as they are.'),
  without: z.array(z.string()).default([]).describe('Names of modifiers that the new bundle leaves out.'),
});
export type ExtendOptions = z.infer<typeof ExtendOptions>;

/** The graph takes it from the bundle. */
export const InheritOptions = z.strictObject({ digest: Digest.describe('Identity of the bundle.') });
export type InheritOptions = z.infer<typeof InheritOptions>;
