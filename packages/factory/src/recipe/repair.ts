import { FailureKind, Teacher, TrainOptions } from '@cogumi/contracts';
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
  kinds: z
    .array(FailureKind)
    .min(1)
    .default(FailureKind.options)
    .describe(
      'Kinds of failures that are repaired. Faults of form are among them: the form of an answer is what rows teach best.',
    ),
  writer: Teacher.nullable()
    .default(null)
    .describe(
      'Teacher that writes new questions, with answers under the same checker, where no generator makes them: of examples of a domain of your own. null: there are only the training examples that the model was not trained on; where none is left, such failures are counted and left alone.',
    ),
});
export type TargetedOptions = z.infer<typeof TargetedOptions>;

const Strength = z.number().gt(0).lte(1);

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
  replay: z
    .int()
    .nonnegative()
    .default(100)
    .describe(
      'New questions of each domain, like the held-out ones; those that the model has right are learned beside the kinds that failed, so that it keeps them. 0: only rows of its earlier training are.',
    ),
  check: z
    .int()
    .positive()
    .default(100)
    .describe('Others, on which `strength` is chosen; they are neither learned nor part of the proof.'),
  strength: z
    .union([Strength, z.array(Strength).min(1)])
    .default([1, 0.7, 0.5, 0.25])
    .describe(
      'Share of the adapter’s change that is merged, as in `merge`: the strongest of these with which no domain falls for certain on the questions of `check`. One number: that, and nothing is tried. `dora` merges whole only.',
    ),
});
export type RepairOptions = z.infer<typeof RepairOptions>;
