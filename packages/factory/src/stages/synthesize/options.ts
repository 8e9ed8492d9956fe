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
  maxErrorRate: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('Share of unusable replies, judged on the first 100 and after, at which work stops.'),
});
export type SynthesizeOptions = z.infer<typeof SynthesizeOptions>;
