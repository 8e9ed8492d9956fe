import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** What is taken of one source. */
const SourceShare = z
  .strictObject({
    take: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Keep only this many of its rows, the best ones; null: all that pass.'),
    whole: z
      .boolean()
      .default(false)
      .describe('Keep every row, whatever its score, its language and the mix: for small hand-written sets.'),
  })
  .refine(
    ({ take, whole }) => !whole || take === null,
    '`whole` and `take` contradict each other: leave one of them out',
  );

export const CurateOptions = z.strictObject({
  minScore: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('Minimum score. In Alpaca no row scores less than the default, 1% less than 0.63, half at least 0.87.'),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, 'is not a code of two letters (ISO 639-1), e.g. `en`'))
    .min(1)
    .default(['en'])
    .describe('Languages to keep, ISO 639-1. Rows without a recognisable language (code, formulas) are always kept.'),
  sources: z
    .record(z.string(), SourceShare)
    .default({})
    .describe('How much to keep of a source, by its name in the rows; of other sources all rows that pass.'),
  mix: z
    .record(Domain, z.number().positive())
    .refine((shares) => Object.keys(shares).length > 0, 'names no domain')
    .nullable()
    .default(null)
    .describe(
      'Proportions of domains, e.g. `{ math: 2, coding: 1 }`: keeps the largest set that has them. null: no balancing.',
    ),
});
export type CurateOptions = z.infer<typeof CurateOptions>;
