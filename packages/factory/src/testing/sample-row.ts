import type { Row } from '@cogumi/contracts';

/** A row of a conversation's first turn; what a test does not say is the plainest there is. */
export function sampleRow(given: Partial<Row> & Pick<Row, 'question' | 'answer'>): Row {
  return {
    question_id: given.question,
    domain: null,
    difficulty: null,
    history: [],
    reasoning: null,
    source: 's',
    licence: 'MIT',
    teacher: null,
    ...given,
  };
}
