import { figure } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { Losses, Score } from './read-run.ts';

const WIDTH = 460;
const HEIGHT = 200;
const MARGIN = { left: 54, right: 12, top: 12, bottom: 26 };

/** Nats (chosen); keeps the logarithm finite when a loss is 0. */
const LEAST_LOSS = 1e-4;

/** Loss by step, on a logarithmic axis when the values span more than a decade. */
export function lossChart({ train, validation }: Omit<Losses, 'stage'>, title: string): Markup {
  const points = [...train, ...validation].filter(({ loss }) => Number.isFinite(loss));
  if (points.length === 0) return html``;
  const lastStep = Math.max(1, ...points.map(({ step }) => step));
  const values = points.map(({ loss }) => Math.max(loss, LEAST_LOSS));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = high / low > 10;
  const scale = (loss: number) => (logarithmic ? Math.log10(Math.max(loss, LEAST_LOSS)) : loss);
  const unscale = (scaled: number) => (logarithmic ? 10 ** scaled : scaled);
  const span = scale(high) - scale(low) || 1;
  const x = (step: number) => MARGIN.left + (step / lastStep) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (loss: number) =>
    MARGIN.top + (1 - (scale(loss) - scale(low)) / span) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const middle = unscale((scale(low) + scale(high)) / 2);
  const path = (own: Losses['train']) =>
    own
      .filter(({ loss }) => Number.isFinite(loss))
      .map(({ step, loss }, at) => `${at === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`)
      .join('');
  const last = validation.at(-1);
  return html`<figure><figcaption>${title}${last ? html` <span class="soft">validation ${figure(last.loss)}${logarithmic ? ', logarithmic' : ''}</span>` : ''}</figcaption>
  <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Loss of ${title}">
    ${[...new Set([low, middle, high])].map((loss) => html`<line class="axis" x1="${MARGIN.left}" y1="${y(loss)}" x2="${WIDTH - MARGIN.right}" y2="${y(loss)}"/><text class="tick" x="${MARGIN.left - 7}" y="${y(loss) + 3.5}" text-anchor="end">${Number(loss.toPrecision(3))}</text>`)}
    <text class="tick" x="${MARGIN.left}" y="${HEIGHT - 8}">step 0</text><text class="tick" x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" text-anchor="end">${lastStep}</text>
    <path class="curve train" d="${path(train)}"/><path class="curve validation" d="${path(validation)}"/>
    ${validation.map(({ step, loss }) => html`<circle cx="${x(step).toFixed(1)}" cy="${y(loss).toFixed(1)}" r="2.6"/>`)}
  </svg></figure>`;
}

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

/** Counts by expected route (rows) and chosen route (columns), shaded by share of the row. */
export function confusionTable(
  title: string,
  routes: readonly string[],
  matrix: readonly (readonly number[])[],
): Markup {
  return html`<figure><figcaption>${title}</figcaption><div class="scroll"><table class="confusion"><thead><tr><th>expected ↓ chosen →</th>${routes.map((route) => html`<th class="number">${route}</th>`)}</tr></thead><tbody>
    ${matrix.map((row, at) => {
      const whole = row.reduce((sum, count) => sum + count, 0) || 1;
      return html`<tr><th>${routes[at]}</th>${row.map((count, to) => html`<td class="number${to === at ? ' hit' : count > 0 ? ' miss' : ''}" style="--share:${(count / whole).toFixed(3)}">${count === 0 ? '·' : count}</td>`)}</tr>`;
    })}
  </tbody></table></div></figure>`;
}

/** @param share - 0..1, relative to the longest bar. */
export function lengthBar(share: number): Markup {
  return share > 0 ? html`<span class="length" style="--share:${share.toFixed(3)}"></span>` : html``;
}
