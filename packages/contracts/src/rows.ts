import { z } from 'zod';
import { Difficulty, Domain } from './domains.ts';
import { Example } from './examples.ts';
import { type Message, Turn } from './messages.ts';

/**
 * One training example: the turns before it, a question and its answer. The chat that a model sees is
 * `[...history, user: question, ...steps, assistant: answer]` (`chatOf`). Loss falls on assistant turns only, and on none with
 * `train: false`.
 */
export const Row = z.strictObject({
  question_id: z.string(),
  domain: Domain.nullable().describe('null: not known (imported rows that nobody labelled).'),
  difficulty: Difficulty.nullable(),
  history: z.array(Turn).default([]),
  question: z.string(),
  steps: z
    .array(Turn)
    .optional()
    .describe('The turns between question and answer: calls of tools and their results; most rows have none.'),
  answer: z.string(),
  reasoning: z
    .string()
    .nullable()
    .describe('The reasoning behind the answer, such as draft, critique and revision; not trained on.'),
  source: z.string().describe('File, hub set or procedural task that the question came from.'),
  licence: z.string().describe('SPDX id of the row, or `unknown`.'),
  teacher: z.string().nullable().describe('Who wrote the answer, e.g. `procedural:master`; null for imported rows.'),
  terms: z
    .string()
    .nullable()
    .describe('Under whose terms the model that wrote the answer stands, e.g. `openai`; null: no such terms known.'),
  hash: z.string().length(32).describe('128 bits of SHA-256 over history, question, steps and answer, as hex.'),
});
export type Row = z.infer<typeof Row>;

/** Running text to learn language from, without turns: every token counts for the loss. */
export const TextRow = z.strictObject({ text: z.string(), source: z.string(), licence: z.string() });
export type TextRow = z.infer<typeof TextRow>;

/**
 * A question with everything an exact judge needs: `example`, where it was given as one, else `facts`, which belongs to
 * the generator named in `task`: only its own checker reads it.
 */
export const Question = z.strictObject({
  question_id: z.string().describe('Like `coding_easy_0001`.'),
  domain: Domain,
  difficulty: Difficulty,
  task: z.string().describe('Where it comes from: the procedural task, e.g. `tool_use/alarm`, or `support/examples`.'),
  wording: z.string().describe('Name of the phrasing that the question uses.'),
  unseen: z
    .boolean()
    .nullable()
    .describe(
      'True when this phrasing is held out: it occurs in tests only. null: an example, whose phrasing is its own.',
    ),
  draw: z.string().describe('Seed that the generator used for it; a procedural teacher answers from it.'),
  question: z.string(),
  facts: z.json().describe('For the exact check.'),
  example: Example.optional().describe('For questions that were given as examples of a domain; others have none.'),
});
export type Question = z.infer<typeof Question>;

/** What a model reads before it answers: the turns before the question, the question, and the steps after it. */
export function promptOf({ history, question, steps = [] }: Pick<Row, 'history' | 'question' | 'steps'>): Message[] {
  const turns: Message[] = [...history, { role: 'user', content: question }, ...steps];
  return turns.map(({ role, content }) => ({ role, content }));
}

/** The whole chat of a row, its answer last. */
export function chatOf(row: Pick<Row, 'history' | 'question' | 'steps' | 'answer'>): Message[] {
  return [...promptOf(row), { role: 'assistant', content: row.answer }];
}

/** What a model reads of a question: with the turns around it if it was given as an example. */
export function turnsOf({ question, example }: Pick<Question, 'question' | 'example'>): Message[] {
  return promptOf({ history: example?.history ?? [], question, steps: example?.steps });
}
