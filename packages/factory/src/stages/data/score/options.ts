import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';

export const ScoreOptions = z.strictObject({
  teacher: Teacher.refine(
    (teacher) => !teacher.startsWith('procedural:'),
    'procedural teachers judge no text; name a model, as `openai:gpt-5-mini`',
  ).describe('Who scores the rows: by batches where the provider has them, at half the price.'),
  minScore: z
    .int()
    .min(1)
    .max(10)
    .default(7)
    .describe('Least score of a row that is kept: the lowest of quality, relevance and clarity.'),
  review: z
    .int()
    .nonnegative()
    .default(50)
    .describe('Rows written to review.jsonl for a person to label, as many kept as rejected where there are.'),
  labels: z
    .strictObject({
      path: z.string().min(1).describe('review.jsonl with `good` filled in, or any other labels of answers.'),
      limit: z.int().positive().default(200).describe('Most items of it, drawn by chance.'),
      samples: z.int().nonnegative().max(20).default(0).describe('Verdicts an item that are drawn; below 2: none.'),
    })
    .nullable()
    .default(null)
    .describe('What people said of such rows, for the teacher to be compared with. null: it is believed, and said so.'),
});
export type ScoreOptions = z.infer<typeof ScoreOptions>;
