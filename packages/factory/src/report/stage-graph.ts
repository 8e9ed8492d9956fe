import { CHAPTERS } from '../pipeline/graph/chapter.ts';
import { duration } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportStage } from './read-run.ts';

/** A stage that reads more others than this says how many, not which (chosen: a line of names is read, a paragraph is not). */
const MOST_NAMED = 4;

/** The pipeline from top to bottom by chapter; in a chapter from left to right, each lane a chain of stages. */
export function stageGraph(stages: readonly ReportStage[]): Markup {
  const known = Object.keys(CHAPTERS);
  const about: Readonly<Record<string, string>> = CHAPTERS;
  const byChapter = Map.groupBy(stages, ({ chapter }) => chapter);
  const order = [...byChapter].sort(([left], [right]) => known.indexOf(left ?? '') - known.indexOf(right ?? ''));
  return html`<ol class="chapters">${order.map(([chapter, own]) => {
    const seconds = own.reduce((sum, stage) => sum + (stage.outcome === 'done' ? stage.seconds : 0), 0);
    return html`<li><div class="about"><b>${chapter ?? 'stages'}</b> <span class="soft">${seconds > 0 ? duration(seconds) : ''}</span>${chapter && about[chapter] ? html`<p class="soft">${about[chapter]}</p>` : ''}</div><div class="lanes">${lanesOf(
      own,
    ).map((lane) => html`<ol class="lane">${lane.map((stage, at) => node(stage, lane[at - 1]?.id))}</ol>`)}</div></li>`;
  })}</ol>`;
}

/** @param before - The stage to its left, which it reads. */
function node({ id, outcome, seconds, inputs, message }: ReportStage, before: string | undefined): Markup {
  const others = inputs.filter((input) => input !== before);
  const reads = others.length > MOST_NAMED ? `${others.length} stages` : others.join(', ');
  const said = outcome === 'done' ? duration(seconds) : outcome.replace('-', ' ');
  return html`<li class="node ${outcome}" title="${id}: ${outcome}${message && `, ${message}`}${inputs.length > 0 ? ` (reads ${inputs.join(', ')})` : ''}"><b>${id}</b><span class="soft">${said}</span>${reads ? html`<span class="reads">+ ${reads}</span>` : ''}</li>`;
}

/** Chains of stages: a stage continues the longest chain whose last stage it reads, and begins a new one otherwise. */
function lanesOf(stages: readonly ReportStage[]): ReportStage[][] {
  const lanes: ReportStage[][] = [];
  for (const stage of stages) {
    const open = lanes.filter((lane) => stage.inputs.includes(lane.at(-1)?.id ?? ''));
    const longest = open.sort((left, right) => right.length - left.length)[0];
    if (longest) longest.push(stage);
    else lanes.push([stage]);
  }
  return lanes;
}
