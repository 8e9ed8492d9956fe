import { z } from 'zod';

export const BenchmarkFile = z.strictObject({
  name: z.string().min(1).describe('Name in the report.'),
  path: z.string().describe('File of the test items: JSON Lines, JSON, CSV or Parquet; plain, .gz or .zst.'),
  field: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'Field of an item that contains the question; null: the first of question, input, prompt, instruction, problem, text.',
    ),
});
export type BenchmarkFile = z.infer<typeof BenchmarkFile>;

export const FilterOptions = z.strictObject({
  pii: z
    .enum(['redact', 'drop', 'off'])
    .default('redact')
    .describe('Personal data and secret keys: replace them by `[EMAIL]` and the like, drop the row, or do not search.'),
  benchmarks: z
    .array(BenchmarkFile)
    .refine(
      (files) => new Set(files.map(({ name }) => name)).size === files.length,
      'two benchmarks have the same name',
    )
    .default([])
    .describe('Benchmarks whose test items must not be in the training rows.'),
  contamination: z
    .enum(['drop', 'report'])
    .default('drop')
    .describe(
      'What to do with a row that contains a test item: `drop` rejects it, `report` keeps it and the gate fails.',
    ),
  leastTokens: z
    .int()
    .nonnegative()
    .default(1)
    .describe('Minimum tokens of a row (all turns, estimated). Full-size recipes use 150.'),
  mostTokens: z.int().positive().default(2048).describe('Maximum tokens of a row (all turns, estimated).'),
  leastEntropy: z
    .number()
    .min(0)
    .default(1.3)
    .describe(
      'Answers of 50 or more characters with fewer bits a character are rejected as repetition. Truth tables and Morse code have at least 1.4, prose 3.6.',
    ),
  mostEntropy: z
    .number()
    .max(16)
    .default(6)
    .describe(
      'Such answers with more bits a character are rejected as gibberish if their script has an alphabet. Real ones have up to 5.8.',
    ),
});
export type FilterOptions = z.infer<typeof FilterOptions>;
