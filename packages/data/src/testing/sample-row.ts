import type { Row } from '@cogumi/contracts';
import { makeRow } from '../rows/make-row.ts';

/** A row without history; fields that a test leaves out get simple values. */
export function sampleRow(given: Partial<Row> & Pick<Row, 'question' | 'answer'>): Row {
  return makeRow({ question_id: given.question, source: 's', licence: 'MIT', ...given });
}
