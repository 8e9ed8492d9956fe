import type { Question, Row } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';

/** A row that is not trained on: its question is held out for evaluation, or it repeats an earlier row. */
export interface RejectedRow {
  readonly row: Row;
  readonly reason: 'held-out' | 'repeat';
}

/** Separates rows to train on from exact repeats and held-out questions; the first of equal rows is kept. */
export function mixRows(rows: readonly Row[], heldOut: readonly Question[]) {
  const heldOutQuestions = new Set(heldOut.map(({ question }) => normaliseText(question)));
  const seen = new Set<string>();
  const kept: Row[] = [];
  const rejected: RejectedRow[] = [];
  for (const row of rows) {
    const question = normaliseText(row.question);
    const whole = JSON.stringify([row.history, question, row.steps, normaliseText(row.answer)]);
    if (heldOutQuestions.has(question)) rejected.push({ row, reason: 'held-out' });
    else if (seen.has(whole)) rejected.push({ row, reason: 'repeat' });
    else {
      seen.add(whole);
      kept.push(row);
    }
  }
  return { kept, rejected };
}
