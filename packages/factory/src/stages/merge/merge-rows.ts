import type { Question, Row } from '@cogumi/contracts';

/** Rows without exact repeats and without held-out questions; the first of equal rows stays. */
export function mergeRows(rows: readonly Row[], heldOut: readonly Question[]) {
  const tested = new Set(heldOut.map(({ question }) => normalise(question)));
  const seen = new Set<string>();
  const kept: Row[] = [];
  let repeats = 0;
  const leaked: Row[] = [];
  for (const row of rows) {
    const asked = normalise(row.question);
    const whole = JSON.stringify([row.history, asked, normalise(row.answer)]);
    if (tested.has(asked)) leaked.push(row);
    else if (seen.has(whole)) repeats++;
    else {
      seen.add(whole);
      kept.push(row);
    }
  }
  return { kept, repeats, leaked };
}

/** What two texts have in common when a reader would call them the same: case and spacing apart. */
function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
