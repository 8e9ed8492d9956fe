import type { Row } from '@cogumi/contracts';
import { makeRow } from '../rows/make-row.ts';

/** A row of a conversation's first turn; what a test does not say is the plainest there is. */
export function sampleRow(given: Partial<Row> & Pick<Row, 'question' | 'answer'>): Row {
  return makeRow({ question_id: given.question, source: 's', licence: 'MIT', ...given });
}
