import { JOBS } from '@cogumi/contracts';
import type { z } from 'zod';

export const TrimVocabularyStageOptions = JOBS['trim-vocabulary'];
export type TrimVocabularyStageOptions = z.infer<typeof TrimVocabularyStageOptions>;
