import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** All of it comes from other parts of the recipe. */
export const BundleStageOptions = z.strictObject({
  name: z.string(),
  description: z.string(),
  domains: z.record(z.string(), Domain).describe('Modifier to its domain.'),
  licence: z.string().describe('SPDX id of the base; those of the data come with its rows.'),
});
export type BundleStageOptions = z.infer<typeof BundleStageOptions>;
