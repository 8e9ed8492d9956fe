import type { Question, Row } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';

/** Rows without exact repeats and without held-out questions; the first of equal rows stays. */
export function mixRows(rows: readonly Row[], heldOut: readonly Question[]) {
  const tested = new Set(heldOut.map(({ question }) => normaliseText(question)));
  const seen = new Set<string>();
  const kept: Row[] = [];
  let repeats = 0;
  const leaked: Row[] = [];
  for (const row of rows) {
    const asked = normaliseText(row.question);
    const whole = JSON.stringify([row.history, asked, normaliseText(row.answer)]);
    if (tested.has(asked)) leaked.push(row);
    else if (seen.has(whole)) repeats++;
    else {
      seen.add(whole);
      kept.push(row);
    }
  }
  return { kept, repeats, leaked };
}
