import type { QuestionsOptions } from './options.ts';

/** How many questions a table of counts asks for. */
export function countQuestions(domains: QuestionsOptions['domains']): number {
  return Object.values(domains).reduce((sum, { easy, hard }) => sum + easy + hard, 0);
}
