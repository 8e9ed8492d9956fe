import { Row } from '@cogumi/contracts';
import { z } from 'zod';

/** A row after curation, with its score and language. */
export const CuratedRow = Row.extend({
  score: z.number().min(0).max(1).describe('Weighted sum of English, coherence, length and complexity.'),
  language: z
    .string()
    .nullable()
    .describe('ISO 639-1; null if no language is recognisable: code, formulas, very short texts.'),
});
export type CuratedRow = z.infer<typeof CuratedRow>;
