import { ExportOptions as ExportJobOptions, LogitsOptions } from '@cogumi/contracts';
import { z } from 'zod';

export const ExportOptions = z.strictObject({
  ...ExportJobOptions.shape,
  parity: LogitsOptions.prefault({}),
  minAgreement: z.number().min(0).max(1).default(0.99).describe('Least top-1 agreement of llama.cpp with PyTorch.'),
});
export type ExportOptions = z.infer<typeof ExportOptions>;
