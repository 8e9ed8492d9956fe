import { z } from 'zod';

export const MixOptions = z.strictObject({
  validationShare: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Share of rows held back to watch the training loss.'),
});
export type MixOptions = z.infer<typeof MixOptions>;
