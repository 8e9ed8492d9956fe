import { BundleConfig, Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** The graph takes all of them from other parts of the recipe. */
export const BundleStageOptions = z.strictObject({
  name: z.string(),
  description: z.string(),
  domains: z.record(z.string(), Domain).describe('Modifier to its domain.'),
  origin: BundleConfig.shape.base.shape.origin,
  extendable: z
    .boolean()
    .default(true)
    .describe('Whether it holds the prompts of its router and the held-out examples.'),
});
export type BundleStageOptions = z.infer<typeof BundleStageOptions>;
