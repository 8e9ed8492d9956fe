import { JOBS } from '@cogumi/contracts';
import { z } from 'zod';

export const TrimVocabularyStageOptions = JOBS['trim-vocabulary'].extend({
  bitsPerByte: z
    .number()
    .positive()
    .default(1.01)
    .describe('Most bits per byte of the held-out rows, as a multiple of those of the whole vocabulary.'),
});
export type TrimVocabularyStageOptions = z.infer<typeof TrimVocabularyStageOptions>;
