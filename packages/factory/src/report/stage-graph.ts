import { duration } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportStage } from './read-run.ts';

const BOX = { width: 140, height: 36 };
const GAP = { x: 16, y: 30 };
const MARGIN = 6;

/** Stages from top to bottom, each below all its inputs; scaled to the width of the page. */
export function stageGraph(stages: readonly ReportStage[]): Markup {
  const rows = layOut(stages);
  const widest = Math.max(1, ...rows.map((row) => row.length));
  const width = 2 * MARGIN + widest * (BOX.width + GAP.x) - GAP.x;
  const height = 2 * MARGIN + rows.length * (BOX.height + GAP.y) - GAP.y;
  const place = new Map<string, { x: number; y: number; row: number }>();
  for (const [row, ids] of rows.entries()) {
    const left = (width - ids.length * (BOX.width + GAP.x) + GAP.x) / 2;
    for (const [at, id] of ids.entries())
      place.set(id, { x: left + at * (BOX.width + GAP.x), y: MARGIN + row * (BOX.height + GAP.y), row });
  }
  const edges = stages.flatMap(({ id, inputs }) =>
    inputs.flatMap((input) => {
      const [from, to] = [place.get(input), place.get(id)];
      if (!from || !to) return [];
      const [x1, y1, x2, y2] = [from.x + BOX.width / 2, from.y + BOX.height, to.x + BOX.width / 2, to.y];
      const bend = Math.min(60, (y2 - y1) / 2);
      const far = to.row - from.row > 1 ? ' far' : '';
      return [html`<path class="edge${far}" d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}"/>`];
    }),
  );
  const nodes = stages.flatMap(({ id, outcome, seconds, inputs, message }) => {
    const at = place.get(id);
    if (!at) return [];
    const said = outcome === 'done' ? duration(seconds) : outcome.replace('-', ' ');
    return html`<g class="node ${outcome}"><title>${id}: ${outcome}${message && `, ${message}`}${inputs.length > 0 ? ` (reads ${inputs.join(', ')})` : ''}</title>
      <rect x="${at.x}" y="${at.y}" width="${BOX.width}" height="${BOX.height}" rx="5"/>
      <text x="${at.x + 9}" y="${at.y + 15}">${shorten(id)}</text><text class="small" x="${at.x + 9}" y="${at.y + 28}">${said}</text></g>`;
  });
  return html`<svg class="graph" viewBox="0 0 ${width} ${height}" style="max-width:${width}px" role="img" aria-label="Stages and what they read">${edges}${nodes}</svg>`;
}

/** Rows of ids: a stage is one row below its lowest input; a stage without inputs is one row above its first reader. */
function layOut(stages: readonly ReportStage[]): string[][] {
  const depth = new Map<string, number>();
  for (const { id, inputs } of stages)
    depth.set(id, Math.max(-1, ...inputs.map((input) => depth.get(input) ?? -1)) + 1);
  for (const { id, inputs } of stages) {
    if (inputs.length > 0) continue;
    const readers = stages.filter((stage) => stage.inputs.includes(id)).map((stage) => depth.get(stage.id) ?? 1);
    if (readers.length > 0) depth.set(id, Math.min(...readers) - 1);
  }
  const rows: string[][] = [];
  for (const { id } of stages) {
    const at = depth.get(id) ?? 0;
    while (rows.length <= at) rows.push([]);
    rows[at]?.push(id);
  }
  return rows;
}

/** 21 characters of 11.5 px fit a box. */
function shorten(id: string): string {
  return id.length > 21 ? `${id.slice(0, 20)}…` : id;
}
