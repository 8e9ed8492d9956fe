import type { FailedAnswer } from '@cogumi/contracts';
import { html, type Markup } from './html.ts';

/** Units of the map. */
const WIDTH = 560;
const HEIGHT = 380;
const MARGIN = 16;

/** Points that are drawn (chosen: more make a page slow and a map no clearer); of more, evenly spaced ones. */
const MOST_DRAWN = 2000;

/** Groups whose hues are far enough apart to tell; those after them have the same hues, lighter. */
const HUES = 8;

/** Colour of a group, on light and on dark pages: hues one golden angle apart. */
export function groupColour(cluster: number): string {
  const hue = ((150 + 137.508 * (cluster % HUES)) % 360).toFixed(0);
  const lighter = cluster % (2 * HUES) < HUES ? 0 : 18;
  return `light-dark(hsl(${hue} 62% ${34 + lighter}%),hsl(${hue} 58% ${64 + lighter}%))`;
}

/** Failures as points, coloured by their group, with the number of each group at the middle of its points. */
export function failureMap(failures: readonly FailedAnswer[]): Markup {
  const placed = failures.flatMap(({ cluster, point, question_id, task }) =>
    cluster === null || point === null ? [] : [{ cluster, x: point[0], y: point[1], name: `${question_id} (${task})` }],
  );
  if (placed.length < 2) return html``;
  const scale = (of: (point: (typeof placed)[number]) => number, length: number) => {
    const values = placed.map(of);
    const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ] as [number, number]);
    return (value: number) => MARGIN + ((value - least) / (most - least || 1)) * (length - 2 * MARGIN);
  };
  const x = scale((point) => point.x, WIDTH);
  const y = scale((point) => -point.y, HEIGHT);
  const step = Math.ceil(placed.length / MOST_DRAWN);
  const drawn = placed.filter((_, at) => at % step === 0);
  const groups = [...new Set(placed.map(({ cluster }) => cluster))].sort((left, right) => left - right);
  const middle = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return html`<svg class="map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Map of failures by group">
    ${groups.map((group) => html`<g style="fill:${groupColour(group)}">${drawn.filter(({ cluster }) => cluster === group).map((point) => html`<circle cx="${x(point.x).toFixed(1)}" cy="${y(-point.y).toFixed(1)}" r="3.4"><title>${point.name}</title></circle>`)}</g>`)}
    ${groups.map((group) => {
      const own = placed.filter(({ cluster }) => cluster === group);
      return html`<text x="${x(middle(own.map((point) => point.x))).toFixed(1)}" y="${y(middle(own.map((point) => -point.y))).toFixed(1)}">${group + 1}</text>`;
    })}
  </svg>${step > 1 ? html`<p class="soft">${drawn.length.toLocaleString('en-US')} of ${placed.length.toLocaleString('en-US')} failures are drawn.</p>` : ''}`;
}
