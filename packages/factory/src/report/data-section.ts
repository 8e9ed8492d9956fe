import { z } from 'zod';
import { duration, percent } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportData, ReportStage } from './read-run.ts';

/** Rows of the full recipe (spec D1) and the cores that its time is told for. */
const FULL_ROWS = 4_500_000;
const FULL_CORES = 10;

/** The stages that rows of others pass, with what each says of a source: how many came and how many stayed. */
const CHAIN = {
  import: z
    .object({ read: z.number(), taken: z.number() })
    .transform(({ read, taken }) => ({ came: read, stayed: taken })),
  curate: z
    .object({ read: z.number(), kept: z.number() })
    .transform(({ read, kept }) => ({ came: read, stayed: kept })),
  dedup: z
    .object({ rows: z.number(), exact: z.number(), near: z.number() })
    .transform(({ rows, exact, near }) => ({ came: rows, stayed: rows - exact - near })),
  filter: z
    .object({ read: z.number(), kept: z.number() })
    .transform(({ read, kept }) => ({ came: read, stayed: kept })),
} as const;
type Step = keyof typeof CHAIN;
const STEPS = Object.keys(CHAIN) as Step[];

/** How many rows of each source every step let through, what was taken out, and what the whole of it would take. */
export function dataSection({ stages }: ReportData): Markup {
  const steps = STEPS.flatMap((id) => {
    const stage = stages.find((one) => one.id === id);
    return stage?.manifest ? [{ id, stage, sources: sourcesOf(stage, CHAIN[id]) }] : [];
  });
  const first = steps[0];
  if (!first || first.sources.size === 0) return html``;
  const total = (of: (count: Count) => number, { sources }: { sources: ReadonlyMap<string, Count> }) =>
    [...sources.values()].reduce((sum, count) => sum + of(count), 0);
  const cell = (count: number, of: number) =>
    html`<td class="number">${count.toLocaleString('en-US')}<br><span class="soft">${of === 0 ? '' : percent(count / of)}</span></td>`;
  const names = new Set(steps.flatMap(({ sources }) => [...sources.keys()]));
  const rows = [...names].map((source) => {
    // Rows of our own form name their source themselves: it is first seen after import.
    const came = first.sources.get(source)?.came ?? 0;
    return html`<tr><td>${source}</td>${cell(came, 0)}${steps.map(({ sources }) => cell(sources.get(source)?.stayed ?? 0, came))}</tr>`;
  });
  const came = total((count) => count.came, first);
  const all = html`<tr class="total"><th>all</th>${cell(came, 0)}${steps.map((step) =>
    cell(
      total(({ stayed }) => stayed, step),
      came,
    ),
  )}</tr>`;
  return html`<div class="scroll"><table><thead><tr><th>source</th><th class="number">read</th>${steps.map(({ id }) => html`<th class="number">after ${id}</th>`)}</tr></thead><tbody>${rows}${all}</tbody></table></div>${leaks(stages)}${projection(
    steps.map(({ stage }) => stage),
    came,
  )}`;
}

interface Count {
  readonly came: number;
  readonly stayed: number;
}

/** By the name that rows give as their source; import puts the place in the list before it. */
function sourcesOf({ manifest }: ReportStage, count: z.ZodType<Count>): Map<string, Count> {
  const facts = z.record(z.string(), z.unknown()).safeParse(manifest?.facts.bySource);
  const found = new Map<string, Count>();
  for (const [name, value] of Object.entries(facts.data ?? {})) {
    const parsed = count.safeParse(value);
    if (!parsed.success) continue;
    // Two files may have one name.
    const source = manifest?.stage === 'import' ? name.replace(/^\d+ /, '') : name;
    const { came, stayed } = found.get(source) ?? { came: 0, stayed: 0 };
    found.set(source, { came: came + parsed.data.came, stayed: stayed + parsed.data.stayed });
  }
  return found;
}

const Leaks = z.object({
  leaks: z.record(z.string(), z.number()),
  benchmarks: z.record(z.string(), z.object({ items: z.number() })),
});

function leaks(stages: readonly ReportStage[]): Markup {
  const facts = Leaks.safeParse(stages.find(({ id }) => id === 'filter')?.manifest?.facts);
  if (!facts.success || Object.keys(facts.data.benchmarks).length === 0) return html``;
  const found = Object.entries(facts.data.benchmarks).map(
    ([name, { items }]) => `${name} ${facts.data.leaks[name] ?? 0} (of ${items} items)`,
  );
  return html`<p>Rows that held a test item: ${found.join(', ')}; each is named in leaks.jsonl.</p>`;
}

/** Only where all of it was done in this run: what came from the store says nothing about time. */
function projection(stages: readonly ReportStage[], rows: number): Markup {
  if (stages.length < STEPS.length || stages.some(({ outcome }) => outcome !== 'done')) return html``;
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  if (rows < 1000 || seconds === 0) return html``;
  const full = ((FULL_ROWS / rows) * seconds) / FULL_CORES;
  return html`<p class="soft">${Math.round(rows / seconds).toLocaleString('en-US')} rows a second through all of it; ${FULL_ROWS.toLocaleString('en-US')} rows on ${FULL_CORES} cores at this rate a core: ${duration(full)}.</p>`;
}
