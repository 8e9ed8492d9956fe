import type { Row } from '@cogumi/contracts';
import { labelRow, type RowLabels } from '../text/labels/label-row.ts';
import type { Identified, Identifier } from '../text/language.ts';
import { identifyRow, type Measures } from '../text/score/measure-row.ts';
import { type ScoreParts, scoreRow } from '../text/score/score-row.ts';

/** Score and labels of a row, computed before rows are selected. */
export interface Assessment {
  readonly identified: Identified;
  readonly parts: ScoreParts;
  readonly labels: RowLabels;
}

/** @param measures - Result of `measureRow` for the same row. */
export function assessRow(row: Row, measures: Measures, identify: Identifier): Assessment {
  const identified = identifyRow(row, measures, identify);
  const before = row.history.map(({ content }) => content).join('\n');
  return {
    identified,
    parts: scoreRow(measures, identified),
    labels: labelRow({ before, question: row.question, answer: row.answer }, row),
  };
}
