import { z } from 'zod';
import { Verdict } from './gate.ts';
import { Teacher } from './teacher.ts';

/** What a judge does: it says which of two answers is better, or scores one answer. */
export const JudgeForm = z.enum(['pairs', 'answers']);
export type JudgeForm = z.infer<typeof JudgeForm>;

/** What a judge has to show, and what was found. */
export const JudgeRequirement = z.strictObject({
  name: z
    .enum(['readable', 'order', 'length', 'repeats', 'chance', 'people'])
    .describe('Short name, by which a judge is refused.'),
  criterion: z.string().describe('The condition in words.'),
  threshold: z.number(),
  measured: z.number(),
  interval: z.tuple([z.number(), z.number()]).describe('95%.'),
  items: z.int().nonnegative().describe('On how many items of the labels it was measured.'),
  evidence: z.string(),
  verdict: Verdict,
});
export type JudgeRequirement = z.infer<typeof JudgeRequirement>;

/**
 * What a judge was found to be on answers that people labelled. It holds for this judge, this prompt and these labels: where one of
 * them changes, it has expired.
 */
export const JudgePassport = z.strictObject({
  schema: z.literal(1),
  teacher: Teacher.describe('Provider and model.'),
  form: JudgeForm,
  minScore: z.int().nullable().describe('Of the form `answers`: the least score of a good answer.'),
  prompt: z.string().length(64).describe('SHA-256 of the prompt that it judges by.'),
  labels: z.string().length(64).describe('SHA-256 of the labels that it was compared with.'),
  items: z.int().positive(),
  verdict: z
    .enum(['valid', 'refused', 'undecided'])
    .describe('`undecided`: nothing speaks against it, but the labels are too few to say so.'),
  requirements: z.array(JudgeRequirement),
  agreement: z
    .number()
    .describe('Share of the items on which it says what most people say; no verdict counts as another one.'),
  kappa: z.number().describe('The same beyond chance (Cohen).'),
});
export type JudgePassport = z.infer<typeof JudgePassport>;
