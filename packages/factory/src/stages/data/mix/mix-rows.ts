import type { Row } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';
import type { HeldOutMatch } from '../../held-out-questions.ts';

/** A row that is not trained on: its question is held out for evaluation, is near-equal to one that is, or it repeats an earlier row. */
export interface RejectedRow {
  readonly row: Row;
  readonly reason: HeldOutMatch | 'repeat';
}

/** Separates rows to train on from exact repeats and held-out questions; the first of equal rows is kept. */
export function mixRows(rows: readonly Row[], heldOut: (question: string) => HeldOutMatch | null) {
  const seen = new Set<string>();
  const kept: Row[] = [];
  const rejected: RejectedRow[] = [];
  for (const row of rows) {
    const question = normaliseText(row.question);
    const whole = JSON.stringify([row.history, question, row.steps, normaliseText(row.answer)]);
    const match = heldOut(row.question);
    if (match) rejected.push({ row, reason: match });
    else if (seen.has(whole)) rejected.push({ row, reason: 'repeat' });
    else {
      seen.add(whole);
      kept.push(row);
    }
  }
  return { kept, rejected };
}
