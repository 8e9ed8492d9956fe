import { html, type Markup } from './html.ts';
import type { ReportStage } from './read-run.ts';

const COLUMN = 150;
const ROW = 46;
const BOX = { width: 126, height: 32 };

/** Stages from left to right, each one column behind the last thing it reads. */
export function stageGraph(stages: readonly ReportStage[]): Markup {
  const column = new Map<string, number>();
  const rows = new Map<number, number>();
  const place = new Map<string, { x: number; y: number }>();
  for (const { id, inputs } of stages) {
    const at = Math.max(0, ...inputs.map((input) => (column.get(input) ?? -1) + 1));
    const row = rows.get(at) ?? 0;
    rows.set(at, row + 1);
    column.set(id, at);
    place.set(id, { x: 8 + at * COLUMN, y: 8 + row * ROW });
  }
  const width = 16 + (Math.max(0, ...column.values()) + 1) * COLUMN - (COLUMN - BOX.width);
  const height = 16 + Math.max(1, ...rows.values()) * ROW;
  const edge = (from: { x: number; y: number }, to: { x: number; y: number }) => {
    const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
    const bend = (x2 - x1) / 2;
    return html`<path class="edge" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
  };
  return html`<div class="wide"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Stages and what they read">
    ${stages.flatMap(({ id, inputs }) =>
      inputs.flatMap((input) => {
        const [from, to] = [place.get(input), place.get(id)];
        return from && to ? [edge(from, to)] : [];
      }),
    )}
    ${stages.map(({ id, outcome, seconds }) => {
      const at = place.get(id) as { x: number; y: number };
      return html`<g class="node ${outcome}"><rect x="${at.x}" y="${at.y}" width="${BOX.width}" height="${BOX.height}" rx="6"/><text x="${at.x + 8}" y="${at.y + 14}">${id}</text><text class="small" x="${at.x + 8}" y="${at.y + 27}">${outcome === 'done' ? `${seconds.toFixed(1)} s` : outcome}</text></g>`;
    })}
  </svg></div>`;
}
