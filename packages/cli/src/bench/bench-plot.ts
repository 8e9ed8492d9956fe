import type { BenchFigures, Figure, LevelFigures } from './run-bench.ts';

/** A panel in the drawing, in pixels. */
const PANEL = { width: 340, height: 220, left: 52, top: 44, gap: 72 };
const WIDTH = 2 * (PANEL.left + PANEL.width) + PANEL.gap;
const HEIGHT = PANEL.top + PANEL.height + 48;
/** Steps of a scale: the largest has at most six lines (chosen). */
const STEPS = [1, 2, 2.5, 5, 10];

const OURS = '#0b6e4f';
const OTHERS = '#8a8f98';

/**
 * Draws total speed and time to the first token over the number of streams, this project's server beside llama.cpp's, as an SVG that
 * needs no other file.
 */
export function benchPlot(name: string, { levels }: BenchFigures): string {
  const panels = [
    panel(0, 'tokens per second, all streams', levels, ({ tokensPerSecond }) => tokensPerSecond),
    panel(1, 'milliseconds to the first token', levels, ({ firstTokenMs }) => firstTokenMs),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Speed of ${escaped(name)}">
<style>text{font:12px system-ui,sans-serif;fill:#444}.title{font-weight:600;fill:#111}.ours{fill:${OURS}}.others{fill:#666}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text class="title" x="12" y="20">${escaped(name)}</text>
${panels.join('\n')}
</svg>
`;
}

function panel(
  place: number,
  title: string,
  levels: readonly LevelFigures[],
  of: (level: LevelFigures) => Figure,
): string {
  const left = PANEL.left + place * (PANEL.left + PANEL.width + PANEL.gap / 2);
  const bottom = PANEL.top + PANEL.height;
  const figures = levels.map(of);
  const ticks = scale(Math.max(...figures.flatMap(({ value, other }) => [value ?? 0, other ?? 0])));
  const most = ticks.at(-1) as number;
  // Levels stand at equal distances: they usually double.
  const x = (at: number) => left + (levels.length === 1 ? 0.5 : at / (levels.length - 1)) * PANEL.width;
  const y = (value: number) => bottom - (value / most) * PANEL.height;
  const line = (values: readonly (number | null)[], colour: string, label: string, style: string) => {
    const points = values.flatMap((value, at) => (value === null ? [] : [[x(at), y(value)] as const]));
    const end = points.at(-1);
    if (!end) return '';
    const path = points.map(([across, up]) => `${across.toFixed(1)},${up.toFixed(1)}`).join(' ');
    const dots = points.map(([across, up]) => `<circle cx="${across.toFixed(1)}" cy="${up.toFixed(1)}" r="3.5"/>`);
    const text = `<text class="${style}" x="${left + 8}" y="${PANEL.top + (style === 'ours' ? 14 : 30)}">● ${label}</text>`;
    return `<g fill="${colour}"><polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}</g>${text}`;
  };
  return [
    `<text class="title" x="${left}" y="${PANEL.top - 10}" font-size="11">${title}</text>`,
    ...ticks.map(
      (tick) =>
        `<line x1="${left}" x2="${left + PANEL.width}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e4e6ea"/><text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
    ),
    ...levels.map(({ streams }, at) => `<text x="${x(at)}" y="${bottom + 18}" text-anchor="middle">${streams}</text>`),
    `<text x="${left + PANEL.width / 2}" y="${bottom + 36}" text-anchor="middle">streams</text>`,
    line(
      figures.map(({ other }) => other),
      OTHERS,
      'llama-server',
      'others',
    ),
    line(
      figures.map(({ value }) => value),
      OURS,
      'cogumi',
      'ours',
    ),
  ].join('\n');
}

/** Round values from 0 to at least `most`. */
function scale(most: number): number[] {
  const unit = 10 ** Math.floor(Math.log10(most / 5));
  const step = unit * (STEPS.find((factor) => factor * unit * 5 >= most) as number);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => Number((at * step).toPrecision(6)));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
