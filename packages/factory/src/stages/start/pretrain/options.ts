import { PretrainOptions as PretrainJobOptions } from '@cogumi/contracts';
import { z } from 'zod';

export const PretrainOptions = z.strictObject({
  ...PretrainJobOptions.shape,
  rows: z.int().positive().describe('Training rows that the seedling’s generators make.'),
  validationRows: z.int().positive().default(1000).describe('Further rows, for the validation loss.'),
});
export type PretrainOptions = z.infer<typeof PretrainOptions>;
