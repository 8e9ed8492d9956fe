import { z } from 'zod';
import { percent } from './figures.ts';
import { html, type Markup } from './html.ts';

/** Units of the chart, as of a loss chart. */
const WIDTH = 340;
const HEIGHT = 190;
const MARGIN = { left: 54, right: 10, top: 12, bottom: 26 };

/** Shares of the held-out tokens at which the table says how large a vocabulary is. */
const SHARES = [0.95, 0.99, 0.995, 0.999];

/** `curve.json` of a trimmed vocabulary: sizes in rising order, with the share of held-out tokens that they cover. */
export const VocabularyCurve = z.array(
  z.object({ size: z.number(), coverage: z.number(), sources: z.record(z.string(), z.number()) }),
);
export type VocabularyCurve = z.infer<typeof VocabularyCurve>;

/** A size that was tried, and what it costs before tuning: bits per byte as a multiple of the whole vocabulary's. */
export const VocabularyTrial = z.object({ size: z.number(), coverage: z.number(), bitsPerByte: z.number() });

export interface Vocabulary {
  readonly stage: string;
  /** Tokens that stayed, and all there were. */
  readonly kept: number;
  readonly whole: number;
  readonly curve: VocabularyCurve;
  readonly trials: readonly z.infer<typeof VocabularyTrial>[];
  /** Bits per byte as a multiple of the whole vocabulary's: of the smaller one, and of what is written. */
  readonly cost: { readonly trimmed: number; readonly written: number } | null;
}

/** Coverage by size, as a whole (coloured) and by source (grey), with a stroke at the size that was taken. */
export function vocabularyChart({ stage, kept, whole, curve, trials, cost }: Vocabulary): Markup {
  if (curve.length === 0) return html``;
  const lowest = Math.min(...curve.flatMap(({ coverage, sources }) => [coverage, ...Object.values(sources)]));
  const x = (size: number) => MARGIN.left + (size / whole) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (share: number) =>
    MARGIN.top + (1 - (share - lowest) / (1 - lowest || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = (share: (point: VocabularyCurve[number]) => number) =>
    curve
      .map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.size).toFixed(1)} ${y(share(point)).toFixed(1)}`)
      .join('');
  const sources = Object.keys(curve[0]!.sources);
  return html`<figure><figcaption>${stage} <span class="soft">${kept} of ${whole} tokens stay</span></figcaption>
  <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Coverage by size of the vocabulary">
    ${[lowest, (1 + lowest) / 2, 1].map((share) => html`<line class="axis" x1="${MARGIN.left}" y1="${y(share)}" x2="${WIDTH - MARGIN.right}" y2="${y(share)}"/><text class="tick" x="${MARGIN.left - 7}" y="${y(share) + 3.5}" text-anchor="end">${percent(share)}</text>`)}
    <text class="tick" x="${MARGIN.left}" y="${HEIGHT - 8}">0 tokens</text><text class="tick" x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" text-anchor="end">${whole}</text>
    ${sources.length > 1 ? sources.map((source) => html`<path class="curve train" d="${path((point) => point.sources[source] ?? 1)}"/>`) : ''}
    <path class="curve validation" d="${path(({ coverage }) => coverage)}"/>
    <line class="threshold" x1="${x(kept).toFixed(1)}" y1="${MARGIN.top}" x2="${x(kept).toFixed(1)}" y2="${HEIGHT - MARGIN.bottom}"/>
  </svg>
  ${sizes(curve, sources)}${trials.length > 0 ? tried(trials) : ''}
  ${cost ? html`<p class="soft">Bits per byte: ${change(cost.trimmed)} with ${kept} tokens, ${change(cost.written)} after tuning.</p>` : ''}</figure>`;
}

function tried(trials: Vocabulary['trials']): Markup {
  return html`<table class="stack"><thead><tr><th>tokens tried</th><th class="number">coverage</th><th class="number">bits per byte before tuning</th></tr></thead><tbody>
    ${trials.map(({ size, coverage, bitsPerByte }) => html`<tr><th data-label="tokens">${size}</th><td class="number" data-label="coverage">${percent(coverage)}</td><td class="number" data-label="bits per byte">${change(bitsPerByte)}</td></tr>`)}
  </tbody></table>`;
}

/** 1.012 as +1.2%. */
function change(ratio: number): string {
  return `${ratio < 1 ? '−' : '+'}${(100 * Math.abs(ratio - 1)).toFixed(1)}%`;
}

/** Tokens that a vocabulary needs to cover so much of each source. */
function sizes(curve: VocabularyCurve, sources: readonly string[]): Markup {
  const rows = [['all', (point) => point.coverage] as const, ...sources.map(bySource)] satisfies (readonly [
    string,
    (point: VocabularyCurve[number]) => number,
  ])[];
  return html`<table class="stack"><thead><tr><th>tokens that cover</th>${SHARES.map((share) => html`<th class="number">${percent(share)}</th>`)}</tr></thead><tbody>
    ${rows.map(([name, share]) => html`<tr><th data-label="source">${name}</th>${SHARES.map((least) => html`<td class="number" data-label="${percent(least)}">${curve.find((point) => share(point) >= least)?.size ?? '–'}</td>`)}</tr>`)}
  </tbody></table>`;
}

function bySource(source: string): readonly [string, (point: VocabularyCurve[number]) => number] {
  return [source, ({ sources }) => sources[source] ?? 1];
}
