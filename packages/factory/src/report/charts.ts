import { html, type Markup } from './html.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const WIDTH = 420;
const HEIGHT = 170;
const MARGIN = { left: 44, right: 10, top: 10, bottom: 24 };

/** Curves over steps, logarithmic in y where the values span more than a decade. */
export function lineChart(title: string, series: readonly Series[]): Markup {
  const points = series.flatMap((one) => one.points);
  const lastX = Math.max(1, ...points.map(({ x }) => x));
  const values = points.map(({ y }) => Math.max(y, 1e-4));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = high / low > 10;
  const scale = (value: number) => (logarithmic ? Math.log10(Math.max(value, 1e-4)) : value);
  const span = scale(high) - scale(low) || 1;
  const x = (value: number) => MARGIN.left + (value / lastX) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    MARGIN.top + (1 - (scale(value) - scale(low)) / span) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = ({ points: own }: Series) =>
    own.map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('');
  return html`<figure><figcaption>${title}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
    <line class="axis" x1="${MARGIN.left}" y1="${HEIGHT - MARGIN.bottom}" x2="${WIDTH - MARGIN.right}" y2="${HEIGHT - MARGIN.bottom}"/>
    ${[low, high].map((value) => html`<text class="tick" x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${value.toPrecision(2)}</text>`)}
    <text class="tick" x="${WIDTH - MARGIN.right}" y="${HEIGHT - 6}" text-anchor="end">step ${lastX}</text>
    ${series.map((one, at) => html`<path class="curve c${at}" d="${path(one)}"/>`)}
    ${series.map((one, at) => html`<text class="key c${at}" x="${WIDTH - MARGIN.right}" y="${MARGIN.top + 12 + at * 15}" text-anchor="end">${one.name}</text>`)}
  </svg></figure>`;
}

/** A measured value with its interval against a threshold, on a line of its own range. */
export function intervalBar(measured: number, interval: readonly [number, number] | null, threshold: number): Markup {
  const [low, high] = interval ?? [measured, measured];
  const all = [low, high, measured, threshold].filter(Number.isFinite);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least) * 0.15 || Math.abs(most) * 0.1 || 1;
  const x = (value: number) =>
    (Number.isFinite(value) ? ((value - least + room) / (most - least + 2 * room)) * 120 : 120).toFixed(1);
  return html`<svg class="bar" viewBox="0 0 120 16" aria-hidden="true"><line class="threshold" x1="${x(threshold)}" y1="1" x2="${x(threshold)}" y2="15"/><line class="range" x1="${x(low)}" y1="8" x2="${x(high)}" y2="8"/><circle cx="${x(measured)}" cy="8" r="3.2"/></svg>`;
}

/** One row a model: a dot with its 95% interval between 0 and 1. */
export function accuracyRow(accuracy: number, [low, high]: readonly [number, number], tone: number): Markup {
  const x = (share: number) => (4 + share * 152).toFixed(1);
  return html`<svg class="accuracy" viewBox="0 0 160 14" aria-hidden="true"><line class="axis" x1="4" y1="7" x2="156" y2="7"/><line class="range c${tone}" x1="${x(low)}" y1="7" x2="${x(high)}" y2="7"/><circle class="c${tone}" cx="${x(accuracy)}" cy="7" r="3.4"/></svg>`;
}

/** Counts by right route (rows) and taken route (columns), shaded by share of the row. */
export function confusionTable(
  title: string,
  routes: readonly string[],
  matrix: readonly (readonly number[])[],
): Markup {
  return html`<figure><figcaption>${title}</figcaption><table class="confusion"><thead><tr><th>right ↓ taken →</th>${routes.map((route) => html`<th>${route}</th>`)}</tr></thead><tbody>
    ${matrix.map((row, at) => {
      const whole = row.reduce((sum, count) => sum + count, 0) || 1;
      return html`<tr><th>${routes[at]}</th>${row.map((count, to) => html`<td class="${to === at ? 'hit' : count > 0 ? 'miss' : ''}" style="--share:${(count / whole).toFixed(3)}">${count}</td>`)}</tr>`;
    })}
  </tbody></table></figure>`;
}
