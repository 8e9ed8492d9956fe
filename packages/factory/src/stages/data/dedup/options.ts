import { z } from 'zod';

export const DedupOptions = z.strictObject({
  threshold: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.8)
    .describe('Jaccard similarity of three-word shingles from which on two rows count as one.'),
  text: z
    .enum(['question', 'row'])
    .default('row')
    .describe('What is compared: the question with the turns before it, or all of that with the answer.'),
  mostLost: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('A source that loses a larger share of its rows than this is an alarm, not a clean set.'),
});
export type DedupOptions = z.infer<typeof DedupOptions>;
