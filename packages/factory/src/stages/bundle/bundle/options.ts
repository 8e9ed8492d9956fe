import { BundleConfig, Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** The graph takes all of them from other parts of the recipe. */
export const BundleStageOptions = z.strictObject({
  name: z.string(),
  description: z.string(),
  domains: z.record(z.string(), Domain).describe('Modifier to its domain.'),
  origin: BundleConfig.shape.base.shape.origin,
});
export type BundleStageOptions = z.infer<typeof BundleStageOptions>;
