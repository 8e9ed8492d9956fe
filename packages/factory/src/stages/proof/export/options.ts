import { ExportOptions as ExportJobOptions, LogitsOptions } from '@cogumi/contracts';
import { z } from 'zod';

export const ExportOptions = z.strictObject({
  ...ExportJobOptions.shape,
  parity: LogitsOptions.prefault({}),
  minAgreement: z
    .number()
    .min(0)
    .max(1)
    .default(0.99)
    .describe('Smallest share of positions at which llama.cpp and PyTorch agree on the most likely next token.'),
});
export type ExportOptions = z.infer<typeof ExportOptions>;
