import type { PlanSummary } from '@cogumi/factory';
import { durationText } from '@cogumi/pure';
import { asTyped } from '../as-typed.ts';
import { bytesText, dim, paint } from '../terminal/style.ts';

/** Formats a plan as a table. Each row names the source of its estimate. */
export function describePlan(
  name: string,
  { stages, seconds, bytes, downloadBytes, memoryBytes, money, budget }: PlanSummary,
): string {
  const rows = stages.map(({ id, items, unit, seconds: own, cached, origin, candidate }) => {
    const what = items === 0 ? '' : `${items} ${items === 1 ? unit.replace(/s$/, '') : unit}`;
    return `  ${id.padEnd(22)} ${what.padEnd(18)} ${cached ? dim('cached'.padStart(11)) : durationText(own * 1000).padStart(11)} ${cached ? '' : dim(candidate === null ? origin : `${origin}; kept only if its gates pass`)}`;
  });
  const download = downloadBytes > 0 ? ` ${bytesText(downloadBytes)} of downloads,` : '';
  const cost = budget > 0 || money > 0 ? `, about $${money.toFixed(4)} of at most $${budget.toFixed(2)}` : ', no money';
  const remaining = stages.every(({ cached }) => cached)
    ? 'nothing: every stage is cached'
    : `about ${durationText(seconds * 1000)}, ${bytesText(bytes)} of disk,${download} ${bytesText(memoryBytes)} of memory${cost}`;
  return [
    `${paint('bold', name)}  ${stages.length} stages, ${stages.filter(({ cached }) => cached).length} cached`,
    ...rows,
    `  ${'remaining'.padEnd(22)} ${remaining}`,
  ].join('\n');
}

/** Formats the estimate for the whole recipe after a sample build. */
export function describeExtrapolation({ seconds, bytes, money, refusal }: PlanSummary): string {
  const estimate = `The whole recipe will take about ${durationText(seconds * 1000)}, ${bytesText(bytes)} and $${money.toFixed(4)}, estimated from this sample.`;
  return refusal === null
    ? estimate
    : `${estimate}\n${paint('yellow', 'It would not start')}: ${asTyped(`${refusal.message}\n  ${refusal.hint}`)}`;
}
