import { figure } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { Losses, LossPoint } from './read-run.ts';

/** Units of a chart: about the width of a telephone and of a column on a wide page, so that its text keeps its size. */
const WIDTH = 340;
const HEIGHT = 190;
const MARGIN = { left: 46, right: 10, top: 12, bottom: 26 };

/** Nats (chosen); keeps the logarithm finite when a loss is 0. */
const LEAST_LOSS = 1e-4;

/** Up to so many measurements each has a dot; more of them are a line with a dot at its end (chosen). */
const MOST_DOTS = 30;

/** Most points of one curve (chosen): two for each unit of width. More are averaged, which also shows through the noise of steps. */
const MOST_POINTS = 2 * WIDTH;

/** Loss by step, on a logarithmic axis when the values span more than a decade. */
export function lossChart({ train, validation }: Omit<Losses, 'stage'>, title: string): Markup {
  const [steps, measured] = [finite(train), finite(validation)];
  const points = [...steps, ...measured];
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
  const path = (curve: readonly LossPoint[]) =>
    averaged(curve)
      .map(({ step, loss }, at) => `${at === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`)
      .join('');
  const last = measured.at(-1);
  const dotted = measured.length <= MOST_DOTS ? measured : measured.slice(-1);
  return html`<figure><figcaption>${title}${last ? html` <span class="soft">validation ${figure(last.loss)}${logarithmic ? ', logarithmic' : ''}</span>` : ''}</figcaption>
  <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Loss of ${title}">
    ${[...new Set([low, middle, high])].map((loss) => html`<line class="axis" x1="${MARGIN.left}" y1="${y(loss)}" x2="${WIDTH - MARGIN.right}" y2="${y(loss)}"/><text class="tick" x="${MARGIN.left - 7}" y="${y(loss) + 3.5}" text-anchor="end">${Number(loss.toPrecision(3))}</text>`)}
    <text class="tick" x="${MARGIN.left}" y="${HEIGHT - 8}">step 0</text><text class="tick" x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" text-anchor="end">${lastStep}</text>
    <path class="curve train" d="${path(steps)}"/><path class="curve validation" d="${path(measured)}"/>
    ${dotted.map(({ step, loss }) => html`<circle cx="${x(step).toFixed(1)}" cy="${y(loss).toFixed(1)}" r="2.6"/>`)}
  </svg></figure>`;
}

function finite(curve: readonly LossPoint[]): LossPoint[] {
  return curve.filter(({ loss }) => Number.isFinite(loss));
}

/** The curve with at most `MOST_POINTS` points, each the mean of neighbours. */
function averaged(curve: readonly LossPoint[]): readonly LossPoint[] {
  if (curve.length <= MOST_POINTS) return curve;
  const size = Math.ceil(curve.length / MOST_POINTS);
  const mean = (own: readonly LossPoint[], of: (point: LossPoint) => number) =>
    own.reduce((sum, point) => sum + of(point), 0) / own.length;
  return Array.from({ length: Math.ceil(curve.length / size) }, (_, at) => {
    const own = curve.slice(at * size, (at + 1) * size);
    return { ...own[0]!, step: mean(own, ({ step }) => step), loss: mean(own, ({ loss }) => loss) };
  });
}
