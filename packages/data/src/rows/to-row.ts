import type { Example, Question, Row } from '@cogumi/contracts';
import { makeRow } from './make-row.ts';

/** Makes a training row of a question and a checked answer, with its teacher. */
export function toRow(question: Question, answer: string, reasoning: string | null, teacher: string): Row {
  const { question_id, domain, difficulty, task, example } = question;
  return makeRow({
    question_id,
    domain,
    difficulty,
    question: question.question,
    answer,
    reasoning,
    history: example?.history ?? [],
    source: example?.source ?? task,
    licence: example?.licence ?? 'Apache-2.0',
    teacher,
  });
}

/** An example as the training row it is: its own question and answer, by nobody's model. */
export function exampleRow({ question_id, domain, difficulty, question }: Question, example: Example): Row {
  const { answer, history, source, licence, terms } = example;
  return makeRow({ question_id, domain, difficulty, history, question, answer, source, licence, terms });
}
