import type { DataFacts, Written } from '@cogumi/data/handover';

const number = (value: number) => value.toLocaleString('en-US');

/**
 * One line on what became of the records: how many came out, why the others went, and what was changed.
 *
 * @param left - Rows that the form of the files cannot hold, by reason.
 */
export function summarize({ read, rows, rejected, redacted }: DataFacts, left: Written['left'] = new Map()): string {
  const went = [...rejected, ['form', left] as const].flatMap(([stage, reasons]) =>
    reasons.size === 0
      ? []
      : [`${stage} ${[...reasons].map(([reason, count]) => `${number(count)} ${reason}`).join(', ')}`],
  );
  const out = rows - [...left.values()].reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(redacted.kinds).map(([kind, count]) => `${number(count)} ${kind}`);
  return [
    `${number(out)} of ${number(read)} rows came out`,
    went.length === 0 ? 'None was rejected' : `${number(read - out)} went: ${went.join('; ')}`,
    ...(redacted.rows === 0 ? [] : [`${number(redacted.rows)} rows were changed by redaction: ${kinds.join(', ')}`]),
  ].join('. ');
}

/** How to keep rows that import found too long; null if there are none. */
export function tooLongAdvice({ rejected }: DataFacts, maxCharacters: number): string | null {
  const count = rejected.get('import')?.get('too-long') ?? 0;
  if (count === 0) return null;
  const next = 4 * maxCharacters;
  return `${number(count)} rows have more than ${number(maxCharacters)} characters; \`--max-characters ${next}\` keeps those of up to ${number(next)}.`;
}
