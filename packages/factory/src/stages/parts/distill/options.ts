import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';

export const DistillOptions = z.strictObject({
  tiers: z
    .array(Teacher)
    .min(1)
    .default(['procedural:apprentice', 'procedural:journeyman', 'procedural:master'])
    .describe('Cheap first: each answers only what failed the check before it.'),
  keepPassed: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of the tasks the base got right that is kept as training data, so that it does not forget them.'),
  validationShare: z.number().gt(0).lt(0.5).default(0.05).describe('Share of the rows held back to measure the loss.'),
});
export type DistillOptions = z.infer<typeof DistillOptions>;
