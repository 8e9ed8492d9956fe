import { html, type Markup } from './html.ts';
import type { Score } from './read-evaluations.ts';

/** A measured value (dot) with its interval (band) and a threshold (stroke); every bar has its own range. */
export function intervalBar(measured: number, interval: readonly [number, number] | null, threshold: number): Markup {
  const [low, high] = interval ?? [measured, measured];
  const all = [low, high, measured, threshold].filter(Number.isFinite);
  if (all.length === 0) return html``;
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least) * 0.12 || Math.abs(most) * 0.1 || 1;
  // Infinite values are drawn at the edge.
  const x = (value: number) =>
    (Number.isFinite(value) ? ((value - least + room) / (most - least + 2 * room)) * 132 : value > 0 ? 132 : 0).toFixed(
      1,
    );
  return html`<svg class="bar" viewBox="0 0 132 18" aria-hidden="true"><line class="axis" x1="0" y1="9" x2="132" y2="9"/><line class="range" x1="${x(low)}" y1="9" x2="${x(high)}" y2="9"/><line class="threshold" x1="${x(threshold)}" y1="1" x2="${x(threshold)}" y2="17"/><circle cx="${x(measured)}" cy="9" r="3.4"/></svg>`;
}

/** Accuracy (dot) with its 95% interval (band) from 0 to 1; the ring is the accuracy on held-out phrasings. `own`: in the accent colour. */
export function accuracyRow({ accuracy, interval: [low, high] }: Score, unseen: Score | null, own: boolean): Markup {
  const x = (share: number) => (5 + Math.min(1, Math.max(0, share)) * 190).toFixed(1);
  return html`<svg class="accuracy${own ? ' own' : ''}" viewBox="0 0 200 16" aria-hidden="true"><line class="axis" x1="5" y1="8" x2="195" y2="8"/><line class="axis" x1="5" y1="4" x2="5" y2="12"/><line class="axis" x1="100" y1="5" x2="100" y2="11"/><line class="axis" x1="195" y1="4" x2="195" y2="12"/><line class="range" x1="${x(low)}" y1="8" x2="${x(high)}" y2="8"/>${unseen ? html`<circle class="ring" cx="${x(unseen.accuracy)}" cy="8" r="4.6"/>` : ''}<circle cx="${x(accuracy)}" cy="8" r="3.4"/></svg>`;
}

/** From 0 to 1: the base (hollow dot), a model (dot) with its 95% interval (band), and the way from one to the other. */
export function beforeAfterBar(before: number, after: number, [low, high]: readonly [number, number]): Markup {
  const x = (share: number) => (7 + share * 226).toFixed(1);
  return html`<svg class="accuracy own" viewBox="0 0 240 18" aria-hidden="true"><line class="axis" x1="7" y1="9" x2="233" y2="9"/><line class="axis" x1="7" y1="4" x2="7" y2="14"/><line class="axis" x1="120" y1="6" x2="120" y2="12"/><line class="axis" x1="233" y1="4" x2="233" y2="14"/><line class="range" x1="${x(low)}" y1="9" x2="${x(high)}" y2="9"/><circle class="ring" cx="${x(before)}" cy="9" r="4.2"/><circle cx="${x(after)}" cy="9" r="4.2"/></svg>`;
}

/** Counts by expected route (rows) and chosen route (columns), shaded by share of the row. */
export function confusionTable(
  title: string,
  routes: readonly string[],
  matrix: readonly (readonly number[])[],
): Markup {
  return html`<figure><figcaption>${title}</figcaption><table class="confusion stack"><thead><tr><th>expected ↓ chosen →</th>${routes.map((route) => html`<th class="number">${route}</th>`)}</tr></thead><tbody>
    ${matrix.map((row, at) => {
      const whole = row.reduce((sum, count) => sum + count, 0) || 1;
      return html`<tr><th data-label="expected">${routes[at]}</th>${row.map((count, to) => html`<td data-label="chose ${routes[to]}" class="number${to === at ? ' hit' : count > 0 ? ' miss' : ' none'}" style="--share:${(count / whole).toFixed(3)}">${count === 0 ? '·' : count}</td>`)}</tr>`;
    })}
  </tbody></table></figure>`;
}

/** @param share - 0..1, relative to the longest bar. */
export function lengthBar(share: number): Markup {
  return share > 0 ? html`<span class="length" style="--share:${share.toFixed(3)}"></span>` : html``;
}
