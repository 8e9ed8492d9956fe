import type { Question, Row } from '@cogumi/contracts';
import { makeRow } from './make-row.ts';

/** Makes a training row of a question and a checked answer, with its teacher. */
export function toRow(question: Question, answer: string, reasoning: string | null, teacher: string): Row {
  const { question_id, domain, difficulty, task: source } = question;
  return makeRow({
    question_id,
    domain,
    difficulty,
    question: question.question,
    answer,
    reasoning,
    source,
    licence: 'Apache-2.0',
    teacher,
  });
}
