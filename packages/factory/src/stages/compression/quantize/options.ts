import type { QuantizationType } from '@cogumi/llama';
import { z } from 'zod';

const TYPES = ['Q4_0', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0'] as const;

export const QuantizeOptions = z.strictObject({
  type: z.enum(TYPES).default('Q5_K_M').describe('llama.cpp block format. Fewer bits make a smaller, less exact file.'),
  minAgreement: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe(
      'Smallest share of positions at which the quantized and the f16 model agree on the most likely next token. null: that of a type with at least two bits less a weight.',
    ),
  positions: z.int().positive().default(2000).describe('Number of token positions on which the agreement is measured.'),
});
export type QuantizeOptions = z.infer<typeof QuantizeOptions>;

/** What a type is held against: at least two bits less a weight, so steps at least four times as wide. */
export const COARSER: Readonly<Record<(typeof TYPES)[number], QuantizationType>> = {
  Q8_0: 'Q5_K_M',
  Q6_K: 'Q4_K_M',
  Q5_K_M: 'Q3_K_M',
  Q4_K_M: 'Q2_K',
  Q4_0: 'Q2_K',
};
