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
    ...(example?.steps && { steps: example.steps }),
    source: example?.source ?? task,
    licence: example?.licence ?? 'Apache-2.0',
    teacher,
  });
}

/** An example as the training row it is: its own question and answer, by nobody's model. */
export function exampleRow({ question_id, domain, difficulty, question }: Question, example: Example): Row {
  const { answer, history, steps, source, licence, terms } = example;
  const given = { question_id, domain, difficulty, history, question, answer, source, licence, terms };
  return makeRow(steps ? { ...given, steps } : given);
}
