import { z } from 'zod';
import { Turn } from './messages.ts';
import { Teacher } from './teacher.ts';

/** How an answer to one example is judged: a checker of the recipe, with what the example itself gives to it. */
export const ExampleCheck = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact'), accepted: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('contains'), accepted: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal('regex'), pattern: z.string() }),
  z.strictObject({ kind: z.literal('number'), expected: z.number(), tolerance: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal('json-schema'), schema: z.json() }),
  z.strictObject({ kind: z.literal('python-tests'), tests: z.array(z.string()).min(1) }),
  z.strictObject({
    kind: z.literal('judge'),
    teacher: Teacher,
    minScore: z.int().min(1).max(10),
    compare: z
      .enum(['scores', 'pairs'])
      .nullish()
      .describe('How answers of two models are compared: by their scores (also where it is left out), or in pairs.'),
    passport: z
      .string()
      .nullish()
      .describe('SHA-256 of the prompt that the teacher holds a passport for; none: its verdicts are advice.'),
  }),
]);
export type ExampleCheck = z.infer<typeof ExampleCheck>;

/** What is known of a question that was given as an example of a domain: its answer, how others are judged, and its rights. */
export const Example = z.strictObject({
  answer: z.string().describe('As the example has it.'),
  history: z.array(Turn).describe('The turns before the question.'),
  steps: z.array(Turn).optional().describe('The turns between question and answer: calls of tools and their results.'),
  check: ExampleCheck,
  source: z.string(),
  licence: z.string(),
  terms: z.string().nullable(),
});
export type Example = z.infer<typeof Example>;
