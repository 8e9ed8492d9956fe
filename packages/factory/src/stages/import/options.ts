import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

export const ImportSource = z.strictObject({
  path: z.string().describe('JSONL or JSON file, plain or .gz.'),
  format: z
    .enum(['auto', 'alpaca', 'messages', 'row'])
    .default('auto')
    .describe('`alpaca`: instruction, input, output · `messages`: OpenAI chat · `row`: this project’s own.'),
  take: z.int().positive().nullable().default(null).describe('At most so many rows, chosen by the seed; null: all.'),
  maxCharacters: z.int().positive().default(1000).describe('Longer rows (question and answer together) are left out.'),
  licence: z.string().default('unknown').describe('SPDX id of the rows; goes into the bundle.'),
  domain: Domain.nullable().default(null).describe('What the rows are about, where it is one thing.'),
});
export type ImportSource = z.infer<typeof ImportSource>;

export const ImportOptions = z.strictObject({
  sources: z.array(ImportSource).default([]).describe('Files to read, one after the other.'),
});
export type ImportOptions = z.infer<typeof ImportOptions>;
