import { Domain, DomainCounts, Teacher } from '@cogumi/contracts';
import { z } from 'zod';

export const SynthesizeOptions = z.strictObject({
  domains: z
    .partialRecord(Domain, DomainCounts)
    .default({})
    .describe('Questions to make and have answered, by domain; counts are exact.'),
  teachers: z
    .array(
      z.strictObject({
        teacher: Teacher.describe('Provider and model, as `procedural:master`.'),
        share: z.number().positive().describe('Part of the questions it answers, beside the others’ shares.'),
      }),
    )
    .min(1)
    .default([
      { teacher: 'procedural:master', share: 0.4 },
      { teacher: 'procedural:journeyman', share: 0.35 },
      { teacher: 'procedural:apprentice', share: 0.25 },
    ])
    .describe('Who answers, by share.'),
  corrector: Teacher.default('procedural:master').describe('Answers again what failed the check.'),
  tiers: z
    .array(Teacher)
    .refine(
      (tiers) => new Set(tiers).size === tiers.length,
      'two tiers are the same teacher: the second would say the same',
    )
    .default([])
    .describe(
      'Cheap first, each asked only what failed before it; when there are any, they answer instead of `teachers`.',
    ),
  judge: Teacher.nullable()
    .default(null)
    .describe('Scores answers that no checker knows; null: such an answer holds when its teacher gives it twice.'),
  questions: z
    .strictObject({
      writer: Teacher.nullable().default(null).describe('Who writes the questions; null: the procedural generators.'),
      scorer: Teacher.nullable().default(null).describe('Scores written questions; null: all are taken.'),
    })
    .prefault({})
    .describe('Where the questions come from.'),
  minScore: z
    .int()
    .min(1)
    .max(10)
    .default(7)
    .describe('Least score of written questions and judged answers: the lowest of quality, relevance and clarity.'),
  maxErrorRate: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('Share of questions without an answer that holds, on the first 100 and after, at which work stops.'),
});
export type SynthesizeOptions = z.infer<typeof SynthesizeOptions>;
