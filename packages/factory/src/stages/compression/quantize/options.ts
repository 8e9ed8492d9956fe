import { z } from 'zod';

export const QuantizeOptions = z.strictObject({
  type: z
    .enum(['Q4_0', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0'])
    .default('Q5_K_M')
    .describe('llama.cpp block format. Fewer bits make a smaller, less exact file.'),
  minAgreement: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe(
      'Smallest share of positions at which the quantized and the f16 model agree on the most likely next token.',
    ),
  positions: z.int().positive().default(2000).describe('Number of token positions on which the agreement is measured.'),
});
export type QuantizeOptions = z.infer<typeof QuantizeOptions>;
