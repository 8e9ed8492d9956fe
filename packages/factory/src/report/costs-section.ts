import type { Spend } from '@cogumi/teachers/records';
import { lengthBar } from './charts.ts';
import { duration, size } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportData } from './read-run.ts';

/** Time and bytes of every stage. */
export function timeAndSizeSection({ stages }: ReportData): Markup {
  if (stages.length === 0) return html``;
  const longest = Math.max(1, ...stages.map(({ seconds }) => seconds));
  const largest = Math.max(1, ...stages.map(({ bytes }) => bytes));
  const ran = (outcome: string) => ['done', 'failed', 'unfinished'].includes(outcome);
  return html`<div class="scroll"><table class="costs"><thead><tr><th>stage</th><th>outcome</th><th class="number">time</th><th></th><th class="number">size</th><th></th><th>artifact</th></tr></thead><tbody>${stages.map(
    ({ id, outcome, message, seconds, bytes, manifest }) =>
      html`<tr><td>${id}</td><td class="soft">${outcome.replace('-', ' ')}${message ? `: ${message}` : ''}</td><td class="number">${ran(outcome) ? duration(seconds) : ''}</td><td>${lengthBar(ran(outcome) ? seconds / longest : 0)}</td><td class="number">${manifest ? size(bytes) : ''}</td><td>${lengthBar(bytes / largest)}</td><td><code>${manifest?.key.slice(0, 12) ?? ''}</code></td></tr>`,
  )}</tbody></table></div>`;
}

/** Requests, tokens and money by stage, teacher and tier. */
export function spendSection({ spend }: ReportData): Markup {
  if (spend.length === 0) return html``;
  const sum = (of: (row: Spend) => number) => spend.reduce((total, row) => total + of(row), 0);
  const whole = (count: number) => count.toLocaleString('en-US');
  return html`<table><thead><tr><th>stage</th><th>teacher</th><th>tier</th><th class="number">requests</th><th class="number">tokens in</th><th class="number">tokens out</th><th class="number">USD</th></tr></thead><tbody>${spend.map(
    (row) =>
      html`<tr><td>${row.stage}</td><td>${row.teacher}</td><td>${row.tier === null ? '' : row.tier + 1}</td><td class="number">${whole(row.requests)}</td><td class="number">${whole(row.inputTokens)}</td><td class="number">${whole(row.outputTokens)}</td><td class="number">${row.money.toFixed(4)}</td></tr>`,
  )}<tr class="total"><th>all</th><td></td><td></td><td class="number">${whole(sum(({ requests }) => requests))}</td><td class="number">${whole(sum(({ inputTokens }) => inputTokens))}</td><td class="number">${whole(sum(({ outputTokens }) => outputTokens))}</td><td class="number">${sum(({ money }) => money).toFixed(4)}</td></tr></tbody></table>`;
}
