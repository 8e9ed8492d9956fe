import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** The recipe’s part: how answers are taken, the same for every model of a build. */
export const EvaluateOptions = z.strictObject({
  maxTokens: z.int().positive().default(96).describe('An answer is cut there.'),
  sequences: z
    .int()
    .positive()
    .default(16)
    .describe('Answers decoded side by side; part of what makes a result repeatable.'),
});
export type EvaluateOptions = z.infer<typeof EvaluateOptions>;

/** What the stage itself takes: the plan adds which domains count and against what they are judged. */
export const EvaluateStageOptions = EvaluateOptions.extend({
  domains: z.array(Domain).nullable().default(null).describe('Only these; null: all there are.'),
  goals: z
    .array(
      z.strictObject({
        domain: Domain.nullable().describe('null: all domains together.'),
        ratio: z
          .number()
          .positive()
          .describe('Least accuracy as a multiple of the other model’s on the same questions.'),
        proven: z
          .boolean()
          .optional()
          .describe('true: a sample that cannot tell fails, since what is not better for certain must not ship.'),
        guard: z
          .boolean()
          .optional()
          .describe(
            'true: looks for a loss, and fails only for certain, since another gate proves that there is none.',
          ),
      }),
    )
    .default([])
    .describe('Judged against the input `against`.'),
  extraction: z
    .int()
    .positive()
    .optional()
    .describe(
      'Version of the rules by which an answer is found in prose; left out: answers are judged as they stand, by the form that rows teach.',
    ),
  noFall: z
    .union([z.boolean(), z.literal('before')])
    .default(false)
    .describe(
      'Adds a guard for each domain: not fewer right answers than `against`, which is the start model, or with `before` the model before a repair.',
    ),
});
export type EvaluateStageOptions = z.infer<typeof EvaluateStageOptions>;
