import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** What is taken of one source. */
const SourceShare = z
  .strictObject({
    take: z.int().positive().nullable().default(null).describe('The best so many of its rows; null: all that stay.'),
    whole: z
      .boolean()
      .default(false)
      .describe('Every row stays, whatever its score and language and the mix: for small sets made by hand.'),
  })
  .refine(({ take, whole }) => !whole || take === null, 'a source taken whole has no `take`: leave one of them out');

export const CurateOptions = z.strictObject({
  minScore: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('Rows that score less go. Of Alpaca none scores less, 1% less than 0.63, half 0.87 and more.'),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, 'two letters of ISO 639-1, e.g. `en`'))
    .min(1)
    .default(['en'])
    .describe('ISO 639-1. Rows of which no language can be told (code, formulas) always stay.'),
  sources: z
    .record(z.string(), SourceShare)
    .default({})
    .describe('What is taken of a source, by its name in the rows; of the others all that stay.'),
  mix: z
    .partialRecord(Domain, z.number().positive())
    .refine((shares) => Object.keys(shares).length > 0, 'names no domain')
    .nullable()
    .default(null)
    .describe(
      'Domains and how they stand to each other, e.g. `{ math: 2, coding: 1 }`: the largest set that has it. null: as it comes.',
    ),
});
export type CurateOptions = z.infer<typeof CurateOptions>;
