import { z } from 'zod';

export const BenchmarkFile = z.strictObject({
  name: z.string().min(1).describe('What the report calls it.'),
  path: z.string().describe('Its test items: JSON Lines, JSON, CSV or Parquet, plain, .gz or .zst.'),
  field: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'Field of an item that holds what is asked; null: the first of question, input, prompt, instruction, problem, text.',
    ),
});
export type BenchmarkFile = z.infer<typeof BenchmarkFile>;

export const FilterOptions = z.strictObject({
  pii: z
    .enum(['redact', 'drop', 'off'])
    .default('redact')
    .describe('Personal data and keys: put `[EMAIL]` and the like in their place, drop the row, or do not look.'),
  benchmarks: z
    .array(BenchmarkFile)
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, 'two benchmarks have one name')
    .default([])
    .describe('Tests whose items must not be among the training rows.'),
  contamination: z
    .enum(['drop', 'report'])
    .default('drop')
    .describe('What becomes of a row that holds a test item: it goes, or it stays and the gate fails.'),
  leastTokens: z
    .int()
    .nonnegative()
    .default(1)
    .describe('Shorter rows go (all turns, estimated). Full-size recipes take 150.'),
  mostTokens: z.int().positive().default(2048).describe('Longer rows go (all turns, estimated).'),
  leastEntropy: z
    .number()
    .min(0)
    .default(1.3)
    .describe(
      'Bits a character below which an answer of 50 characters and more is repetition. Truth tables and Morse code have 1.4 and more, prose 3.6.',
    ),
  mostEntropy: z
    .number()
    .max(16)
    .default(6)
    .describe(
      'Bits a character above which such an answer is gibberish, where its script has an alphabet. Real ones have up to 5.8.',
    ),
});
export type FilterOptions = z.infer<typeof FilterOptions>;
