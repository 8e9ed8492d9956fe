import { Domain, DomainCounts, Teacher } from '@cogumi/contracts';
import { z } from 'zod';

export const SynthesizeOptions = z.strictObject({
  domains: z
    .record(Domain, DomainCounts)
    .default({})
    .describe('Number of questions to generate and answer, by domain; reached exactly.'),
  without: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Tasks of the generators that give no question, as `tool_use/pay`; the others of their domains give more. Left out: all tasks do.',
    ),
  teachers: z
    .array(
      z.strictObject({
        teacher: Teacher.describe('Provider and model, as `procedural:master`.'),
        share: z.number().positive().describe('Share of the questions it answers, relative to the other shares.'),
      }),
    )
    .min(1)
    .default([
      { teacher: 'procedural:master', share: 0.4 },
      { teacher: 'procedural:journeyman', share: 0.35 },
      { teacher: 'procedural:apprentice', share: 0.25 },
    ])
    .describe('Teachers that answer the questions, by share.'),
  corrector: Teacher.default('procedural:master').describe(
    'Teacher that answers the questions whose answer failed the check.',
  ),
  tiers: z
    .array(Teacher)
    .refine(
      (tiers) => new Set(tiers).size === tiers.length,
      'two tiers are the same teacher: the second would answer the same',
    )
    .default([])
    .describe(
      'Teachers from cheap to expensive; each is asked only the questions that the ones before it failed. If set, they replace `teachers`.',
    ),
  judge: Teacher.nullable()
    .default(null)
    .describe(
      'Teacher that scores answers without an exact checker; null: such an answer is accepted if its teacher gives it twice.',
    ),
  questions: z
    .strictObject({
      writer: Teacher.nullable()
        .default(null)
        .describe('Teacher that writes the questions; null: the procedural generators.'),
      scorer: Teacher.nullable()
        .default(null)
        .describe('Teacher that scores written questions; null: all are accepted.'),
    })
    .prefault({})
    .describe('Source of the questions.'),
  minScore: z
    .int()
    .min(1)
    .max(10)
    .default(7)
    .describe('Minimum score of written questions and judged answers: the lowest of quality, relevance and clarity.'),
  maxErrorRate: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe(
      'Abort when more than this share of questions has no accepted answer (checked after the first 100, then continuously).',
    ),
});
export type SynthesizeOptions = z.infer<typeof SynthesizeOptions>;
