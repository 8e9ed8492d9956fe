import type { Row } from '@cogumi/contracts';
import type { Identifier } from '../text/language.ts';
import { explainScore, type ScoreExplanation } from '../text/score/explain-score.ts';
import { measureRow } from '../text/score/measure-row.ts';
import { type Assessment, assessRow } from './assess-row.ts';

/** Score and labels of one row, with reasons in words. */
interface RowExplanation extends ScoreExplanation {
  readonly language: string | null;
  readonly domain: Assessment['labels']['domain'];
  readonly difficulty: Assessment['labels']['difficulty'];
}

/** Explains the score and the labels of a row. Pure. */
export function explainRow(row: Row, identify: Identifier): RowExplanation {
  const measures = measureRow(row);
  const { identified, labels } = assessRow(row, measures, identify);
  return { ...explainScore(measures, identified), language: identified.language, ...labels };
}
