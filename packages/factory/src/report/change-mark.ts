import type { DomainResult } from '@cogumi/contracts';
import { html, type Markup } from './html.ts';

/** What the marks mean, beside the first of them. */
export const MARKS_EXPLAINED =
  '▲ better and ▼ worse than the base for certain, by the interval of the ratio of right answers to the same questions, at 95% for all domains together; △ and ▽: so few answers differ that it may be chance.';

/** The sign of a change against the base. @param by - Difference of the shares of right answers, -1..1. */
export function changeSign(change: DomainResult['change'], by: number): Markup {
  if (change === 'up') return html`<span class="change up">▲</span>`;
  if (change === 'down') return html`<span class="change down">▼</span>`;
  return html`<span class="change">${by === 0 ? '=' : by > 0 ? '△' : '▽'}</span>`;
}

/** The sign of a change, with its size. */
export function changeMark(change: DomainResult['change'], by: number): Markup {
  return html`${changeSign(change, by)} ${by >= 0 ? '+' : '−'}${Math.abs(100 * by).toFixed(1)} points`;
}
