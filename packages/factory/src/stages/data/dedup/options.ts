import { z } from 'zod';

export const DedupOptions = z.strictObject({
  threshold: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.8)
    .describe('Jaccard similarity of three-word shingles at which two rows count as duplicates.'),
  text: z
    .enum(['question', 'row'])
    .default('row')
    .describe('Text to compare: the question with the turns before it, or the whole row including the answer.'),
  mostLost: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('The gate of a source fails if a larger share of its rows is duplicate.'),
});
export type DedupOptions = z.infer<typeof DedupOptions>;
