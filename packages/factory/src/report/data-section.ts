import type { ArtifactManifest } from '@cogumi/contracts';
import { z } from 'zod';
import { duration, percent } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportData, ReportStage } from './read-run.ts';
import { redactionNote } from './redaction-note.ts';

/** The size of a large data set that the projection is made for, and the cores it assumes (chosen). */
const FULL_ROWS = 4_500_000;
const FULL_CORES = 10;

/**
 * What a step says of one source, in `facts.bySource` of its artifact of kind `rows`. A step that reads files numbers its
 * sources (`0 alpaca`), since two files may have one name.
 */
const SourceFacts = z.union([
  z
    .object({ read: z.number(), taken: z.number() })
    .transform(({ read, taken }) => ({ came: read, stayed: taken, numbered: true })),
  z
    .object({ read: z.number(), kept: z.number() })
    .transform(({ read, kept }) => ({ came: read, stayed: kept, numbered: false })),
]);

/** How many rows of each source every step kept, which test items were found, and the time that a large data set would take. */
export function dataSection({ stages }: ReportData): Markup {
  const steps = stages.flatMap((stage) => {
    if (stage.manifest?.kind !== 'rows' || stage.manifest.facts.bySource === undefined) return [];
    return [{ id: stage.id, stage, sources: sourcesOf(stage.manifest) }];
  });
  const first = steps[0];
  if (!first || first.sources.size === 0) return html``;
  const total = (of: (count: Count) => number, { sources }: { sources: ReadonlyMap<string, Count> }) =>
    [...sources.values()].reduce((sum, count) => sum + of(count), 0);
  const cell = (label: string, count: number, of: number) =>
    html`<td class="number" data-label="${label}">${count.toLocaleString('en-US')}<br><span class="soft">${of === 0 ? '' : percent(count / of)}</span></td>`;
  const names = new Set(steps.flatMap(({ sources }) => [...sources.keys()]));
  const rows = [...names].map((source) => {
    // Rows in Cogumi's own format name their source themselves: the first step does not know it.
    const came = first.sources.get(source)?.came ?? 0;
    return html`<tr><th>${source}</th>${cell('read', came, 0)}${steps.map(({ id, sources }) => cell(`after ${id}`, sources.get(source)?.stayed ?? 0, came))}</tr>`;
  });
  const came = total((count) => count.came, first);
  const all = html`<tr class="total"><th>all</th>${cell('read', came, 0)}${steps.map((step) =>
    cell(
      `after ${step.id}`,
      total(({ stayed }) => stayed, step),
      came,
    ),
  )}</tr>`;
  return html`<table class="stack"><thead><tr><th>source</th><th class="number">read</th>${steps.map(({ id }) => html`<th class="number">after ${id}</th>`)}</tr></thead><tbody>${rows}${all}</tbody></table>${contaminationNote(stages)}${redactionNote(stages)}${projection(
    steps.map(({ stage }) => stage),
    came,
  )}`;
}

interface Count {
  readonly came: number;
  readonly stayed: number;
}

/** Counts by the source's name. */
function sourcesOf({ facts }: ArtifactManifest): Map<string, Count> {
  const bySource = z.record(z.string(), z.unknown()).safeParse(facts.bySource);
  const found = new Map<string, Count>();
  for (const [name, value] of Object.entries(bySource.data ?? {})) {
    const parsed = SourceFacts.safeParse(value);
    if (!parsed.success) continue;
    const source = parsed.data.numbered ? name.replace(/^\d+ /, '') : name;
    const { came, stayed } = found.get(source) ?? { came: 0, stayed: 0 };
    found.set(source, { came: came + parsed.data.came, stayed: stayed + parsed.data.stayed });
  }
  return found;
}

const Contamination = z.object({
  contamination: z.record(z.string(), z.number()),
  benchmarks: z.record(z.string(), z.object({ items: z.number() })),
});

/** Test items found in the rows, as the step says that searched for them. */
function contaminationNote(stages: readonly ReportStage[]): Markup {
  return html`${stages.flatMap(({ manifest }) => {
    const facts = Contamination.safeParse(manifest?.facts);
    if (!facts.success || Object.keys(facts.data.benchmarks).length === 0) return [];
    const found = Object.entries(facts.data.benchmarks).map(
      ([name, { items }]) => `${name} ${facts.data.contamination[name] ?? 0} (of ${items} items)`,
    );
    return [html`<p>Rows that contain a test item: ${found.join(', ')}; contamination.jsonl names each of them.</p>`];
  })}`;
}

/** Only if every step ran in this run: an artifact from the store says nothing about time. */
function projection(stages: readonly ReportStage[], rows: number): Markup {
  if (stages.some(({ outcome }) => outcome !== 'done')) return html``;
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  if (rows < 1000 || seconds === 0) return html``;
  const full = ((FULL_ROWS / rows) * seconds) / FULL_CORES;
  return html`<p class="soft">${Math.round(rows / seconds).toLocaleString('en-US')} rows a second through these ${stages.length} steps; ${FULL_ROWS.toLocaleString('en-US')} rows on ${FULL_CORES} cores at this rate per core: ${duration(full)}.</p>`;
}
