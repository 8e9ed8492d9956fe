import type { RetestedCluster, Strength } from '@cogumi/contracts';
import { changeMark } from './change-mark.ts';
import { clip, swatch } from './group-parts.ts';
import { html, type Markup } from './html.ts';

/** What one round of repair gave. */
export interface FoundRepair {
  /** Id of the node that measured it. */
  readonly stage: string;
  readonly clusters: readonly RetestedCluster[];
  /** Why the model before was kept; empty: the repaired one was. null: the build did not come to choose. */
  readonly against: readonly string[] | null;
  /** How much of the change was merged, and why; null: nothing was tried. */
  readonly strength: Strength | null;
}

/** Tasks of a group on the page (chosen); `clusters.json` has all. */
const SHOWN = 3;

/** Each group of failures before and after its repair, on new questions of its kind, with answers of both. */
export function repairSection(repairs: readonly FoundRepair[]): Markup {
  return html`${repairs.map(roundOf)}`;
}

function roundOf({ stage, clusters, against, strength }: FoundRepair): Markup {
  const sum = (of: (cluster: RetestedCluster) => number) => clusters.reduce((all, cluster) => all + of(cluster), 0);
  const asked = sum(({ questions }) => questions);
  const verdict =
    against === null
      ? ''
      : against.length === 0
        ? 'The repaired model is kept.'
        : html`The model before is kept: ${against.join('; ')}.`;
  return html`<p>${stage}: of ${asked} new questions ${sum(({ before }) => before)} were right before and ${sum(({ after }) => after)} after. ${verdict}</p>
<table class="stack groups"><thead><tr><th>group</th><th class="number">failures</th><th>new questions of</th><th class="number">asked</th><th class="number">right before</th><th class="number">right after</th><th>change</th></tr></thead><tbody>${clusters.map(clusterRow)}</tbody></table>
${strength === null ? '' : strengthTable(strength)}${clusters.map(examplesOf)}`;
}

/** The shares of the change that were tried, on questions that are neither learned nor part of the proof. */
function strengthTable({ strength, tried }: Strength): Markup {
  const merged = strength === 1 ? 'The whole change was' : `Of the change ${strength} was`;
  if (tried.length === 0) return html`<p>${merged} merged: there was no further question to choose by.</p>`;
  const domains = tried[0]!.domains.map(({ domain }) => domain);
  return html`<p>${merged} merged: the most with which no domain falls for certain on further questions. Right answers before − lost + gained:</p>
<table class="stack"><thead><tr><th>merged</th>${domains.map((domain) => html`<th class="number">${domain.replaceAll('_', ' ')}</th>`)}</tr></thead><tbody>${tried.map(({ strength: share, domains: found }) => html`<tr><th>${share}</th>${found.map(({ domain, before, lost, gained, falls }) => html`<td class="number" data-label="${domain.replaceAll('_', ' ')}">${before} − ${lost} + ${gained}${falls ? ' falls' : ''}</td>`)}</tr>`)}</tbody></table>`;
}

function clusterRow({ cluster, label, failures, tasks, questions, before, after, change }: RetestedCluster): Markup {
  return html`<tr><th>${swatch(cluster)} ${cluster + 1}. ${label}</th><td class="number" data-label="failures">${failures}</td><td data-label="new questions of">${tasks.slice(0, SHOWN).join(', ')}${tasks.length > SHOWN ? html` <span class="soft">and ${tasks.length - SHOWN} more</span>` : ''}</td><td class="number" data-label="asked">${questions}</td><td class="number" data-label="right before">${before}</td><td class="number" data-label="right after">${after}</td><td data-label="change">${changeMark(change, (after - before) / questions)}</td></tr>`;
}

function examplesOf({ cluster, label, examples }: RetestedCluster): Markup {
  if (examples.length === 0) return html``;
  const said = ({ answer, correct }: RetestedCluster['examples'][number]['before']) =>
    html`<pre>${clip(answer)}</pre><span class="soft">${correct ? 'right' : 'wrong'}</span>`;
  return html`<details><summary>${swatch(cluster)} ${cluster + 1}. ${label} <span class="soft">answers before and after</span></summary>
<table class="answers stack"><thead><tr><th>new question</th><th>before</th><th>after</th></tr></thead><tbody>${examples.map(({ question, before, after }) => html`<tr><td data-label="question"><pre>${clip(question)}</pre></td><td data-label="before">${said(before)}</td><td data-label="after">${said(after)}</td></tr>`)}</tbody></table></details>`;
}
