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

/** Where no exact check exists a score decides; old rows work against forgetting. */
const Judge = Teacher.nullable().describe(
  'Teacher that scores answers without an exact checker; null: such an answer is accepted if its teacher gives it twice.',
);
const MinScore = z.int().min(1).max(10).describe('Minimum score of judged answers.');
const OldShare = z
  .number()
  .min(0)
  .max(0.9)
  .describe(
    'Share of the rows that are old: drawn from those that the model was trained on before, the same number of each domain where it has so many.',
  );

/** The recipe’s part in a repair. */
export const RepairDistillOptions = DistillOptions.extend({
  judge: Judge.default(null),
  minScore: MinScore.default(8),
  oldShare: OldShare.default(0.5),
  validationShare: DistillOptions.shape.validationShare
    .unwrap()
    .default(0.1)
    .describe(
      'Share of the rows held back to decide when training stops; new kinds and old rows are held back in their shares.',
    ),
});

/** What the stage itself takes: a modifier has neither score nor old rows, and its key does not name them. */
export const DistillStageOptions = DistillOptions.extend({
  judge: Judge.optional(),
  minScore: MinScore.optional(),
  oldShare: OldShare.optional(),
});
