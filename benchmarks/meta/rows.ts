/** Questions of the built-in domains as rows with their right answers. */
import { writeFileSync } from 'node:fs';
import type { Message, Question } from '../../packages/contracts/src/index.ts';
import { type MakeQuestions, makeQuestions, redraw } from '../../packages/teachers/src/procedural/make-questions.ts';

type Split = Pick<MakeQuestions, 'split' | 'seed'>;

/** So many questions of a domain, half of them hard, each task as often as the others. */
export function questionsOf(domain: string, count: number, split: Split): Question[] {
  const easy = Math.ceil(count / 2);
  const wanted = { domains: { [domain]: { easy, hard: count - easy } }, unseenShare: 0, mayRunOut: true };
  return makeQuestions({ ...wanted, ...split });
}

export const answerTo = (question: Question): string => redraw(question).answer;

/** Examples as the turns before a question; none of their answers is learned. */
export function turnsOf(examples: readonly Question[]): (Message & { train?: false })[] {
  return examples.flatMap((example) => [
    { role: 'user' as const, content: example.question },
    { role: 'assistant' as const, content: answerTo(example), train: false as const },
  ]);
}

/** Writes rows that the engine reads; `source` is the task of the question. */
export function writeRows(path: string, questions: readonly Question[], examples: readonly Question[] = []): string {
  const history = turnsOf(examples);
  const rows = questions.map((question) => ({
    ...{ question_id: question.question_id, domain: question.domain, source: question.task },
    ...{ history, question: question.question, answer: answerTo(question) },
  }));
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}
