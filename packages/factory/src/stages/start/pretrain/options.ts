import { PretrainOptions as PretrainJobOptions } from '@cogumi/contracts';
import { z } from 'zod';

export const PretrainOptions = z.strictObject({
  ...PretrainJobOptions.shape,
  rows: z.int().positive().describe('Rows of the corpus of the seedling’s own generators.'),
  validationRows: z.int().positive().default(1000).describe('Rows beside them, to measure the loss on.'),
});
export type PretrainOptions = z.infer<typeof PretrainOptions>;
