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
  return html`<table class="costs stack"><thead><tr><th>stage</th><th>outcome</th><th class="number">time</th><th></th><th class="number">size</th><th></th><th>artifact</th></tr></thead><tbody>${stages.map(
    ({ id, outcome, message, seconds, bytes, manifest }) =>
      html`<tr><th>${id}</th><td class="soft" data-label="outcome">${outcome.replace('-', ' ')}${message ? `: ${message}` : ''}</td><td class="number" data-label="time">${ran(outcome) ? duration(seconds) : ''}</td><td class="wide">${lengthBar(ran(outcome) ? seconds / longest : 0)}</td><td class="number" data-label="size">${manifest ? size(bytes) : ''}</td><td class="wide">${lengthBar(bytes / largest)}</td><td data-label="artifact"><code>${manifest?.key.slice(0, 12) ?? ''}</code></td></tr>`,
  )}</tbody></table>`;
}

/** Requests, tokens and money by stage, teacher and tier. */
export function spendSection({ spend }: ReportData): Markup {
  if (spend.length === 0) return html``;
  const sum = (of: (row: Spend) => number) => spend.reduce((total, row) => total + of(row), 0);
  const whole = (count: number) => count.toLocaleString('en-US');
  const figures = (row: Pick<Spend, 'requests' | 'inputTokens' | 'outputTokens' | 'money'>) =>
    html`<td class="number" data-label="requests">${whole(row.requests)}</td><td class="number" data-label="tokens in">${whole(row.inputTokens)}</td><td class="number" data-label="tokens out">${whole(row.outputTokens)}</td><td class="number" data-label="USD">${row.money.toFixed(4)}</td>`;
  const all = {
    requests: sum(({ requests }) => requests),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    money: sum(({ money }) => money),
  };
  return html`<table class="stack"><thead><tr><th>stage</th><th>teacher</th><th>tier</th><th class="number">requests</th><th class="number">tokens in</th><th class="number">tokens out</th><th class="number">USD</th></tr></thead><tbody>${spend.map(
    (row) =>
      html`<tr><th>${row.stage}</th><td data-label="teacher">${row.teacher}</td><td data-label="tier">${row.tier === null ? '' : row.tier + 1}</td>${figures(row)}</tr>`,
  )}<tr class="total"><th>all</th><td></td><td></td>${figures(all)}</tr></tbody></table>`;
}
