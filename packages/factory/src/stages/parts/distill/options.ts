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

/** What a repair adds: a minimum score where no exact check exists, and old rows against forgetting. */
export const RepairDistillOptions = DistillOptions.extend({
  judge: Teacher.nullable()
    .default(null)
    .describe(
      'Teacher that scores answers without an exact checker; null: such an answer is accepted if its teacher gives it twice.',
    ),
  minScore: z.int().min(1).max(10).default(8).describe('Minimum score of judged answers.'),
  oldShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.1)
    .describe('Share of the rows that are old: drawn from those that the model was trained on before.'),
});

/** What the stage itself takes: what is left out is as for a modifier. */
export const DistillStageOptions = DistillOptions.extend(
  RepairDistillOptions.pick({ judge: true, minScore: true, oldShare: true }).partial().shape,
);
