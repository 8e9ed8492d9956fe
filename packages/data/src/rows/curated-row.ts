import { Row } from '@cogumi/contracts';
import { z } from 'zod';

/** A row on its way through curation: what it scored without a model, and the language it is in. */
export const CuratedRow = Row.extend({
  score: z.number().min(0).max(1).describe('English, coherence, length and complexity, weighed (spec D3).'),
  language: z
    .string()
    .nullable()
    .describe('ISO 639-1; null where no language can be told: code, formulas, very short.'),
});
export type CuratedRow = z.infer<typeof CuratedRow>;
