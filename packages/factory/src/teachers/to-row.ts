import type { Question, Row } from '@cogumi/contracts';

/** A question and a checked answer as a training row that names who wrote it. */
export function toRow(question: Question, answer: string, reasoning: string | null, teacher: string): Row {
  return {
    question_id: question.question_id,
    domain: question.domain,
    difficulty: question.difficulty,
    history: [],
    question: question.question,
    answer,
    reasoning,
    source: question.family,
    licence: 'Apache-2.0',
    teacher,
  };
}
