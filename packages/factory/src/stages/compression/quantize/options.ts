import { z } from 'zod';

export const QuantizeOptions = z.strictObject({
  type: z
    .enum(['Q4_0', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0'])
    .default('Q5_K_M')
    .describe('llama.cpp block format: fewer bits, smaller and less exact.'),
  minAgreement: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('Share of positions at which the compressed model’s most likely next token is that of f16.'),
  positions: z.int().positive().default(2000).describe('Token positions on which agreement with f16 is measured.'),
});
export type QuantizeOptions = z.infer<typeof QuantizeOptions>;
