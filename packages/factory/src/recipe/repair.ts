import { Teacher, TrainOptions } from '@cogumi/contracts';
import { z } from 'zod';
import { RepairDistillOptions } from '../stages/parts/distill/options.ts';

/** What a round of targeted distillation draws. */
export const TargetedOptions = z.strictObject({
  clusters: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Clusters of failures that are repaired, the largest first; null: all. `failures` says how they are found.',
    ),
  questions: z
    .int()
    .positive()
    .default(200)
    .describe('New questions of the kind of each cluster; teachers answer those that the model fails.'),
  retest: z
    .int()
    .positive()
    .default(50)
    .describe('New held-out questions of the kind of each cluster, which prove whether it improved.'),
  writer: Teacher.nullable()
    .default(null)
    .describe(
      'Teacher that writes new questions, with answers under the same checker, where no generator makes them: of examples of a domain of your own. null: such failures are counted and left alone.',
    ),
});
export type TargetedOptions = z.infer<typeof TargetedOptions>;

/**
 * Share of a repair's change that is merged where the recipe names none (WiSE-FT; Wortsman et al. 2022). Measured on the seedling with four kinds
 * planted: 111 of 158 questions of those kinds right instead of 118, and 1,135 others instead of 1,086, before 1,188
 * (`stages/proof/retest/README.md`).
 */
export const REPAIR_STRENGTH = 0.7;

/** Rounds of targeted distillation on what the tuned model fails. */
export const RepairOptions = z.strictObject({
  rounds: z.int().min(1).max(5).default(1).describe('Most rounds; each is kept only when its gates pass.'),
  ...TargetedOptions.shape,
  distill: RepairDistillOptions.prefault({}),
  train: TrainOptions.extend({
    patience: TrainOptions.shape.patience
      .unwrap()
      .default(3)
      .describe('Validations without gain before training stops; 0: never.'),
  }).prefault({}),
  strength: z
    .number()
    .gt(0)
    .lte(1)
    .nullable()
    .default(null)
    .describe(
      `Share of the adapter’s change that is merged, as in \`merge\`. null: ${REPAIR_STRENGTH}, which keeps most of what is learned and gives back most of what was lost; all of it for \`dora\`, which merges whole only.`,
    ),
});
export type RepairOptions = z.infer<typeof RepairOptions>;
