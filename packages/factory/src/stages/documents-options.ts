import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';

/** Documents of a domain: a teacher writes its examples from them. */
export const DocumentsOptions = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().min(1).describe('A file in Markdown, HTML, plain text or PDF.') }))
    .min(1)
    .describe('The documents.'),
  licence: z.string().default('unknown').describe('SPDX licence id of the documents; recorded in the bundle.'),
  teacher: Teacher.refine(
    (teacher) => !teacher.startsWith('procedural:'),
    'procedural teachers read no text; name a model, as `openai:gpt-5-mini`',
  ).describe('Who writes questions and answers from each passage.'),
  judge: Teacher.nullable()
    .default(null)
    .describe(
      'Teacher that scores whether an answer stands in its passage; null: the words of the passage alone decide.',
    ),
  minScore: z.int().min(1).max(10).default(7).describe('Least score of the judge.'),
  passageCharacters: z.int().min(200).max(20_000).default(1200).describe('Most characters of a passage.'),
  factsPerPassage: z.int().min(1).max(20).default(4).describe('Most facts that are asked for of a passage.'),
  wordings: z
    .int()
    .min(1)
    .max(8)
    .default(3)
    .describe('Questions for each fact, in different words: what is held out must have been learned in other words.'),
});
export type DocumentsOptions = z.infer<typeof DocumentsOptions>;
