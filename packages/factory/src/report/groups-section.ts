import type { FailedAnswer, FailureCluster, FailureClusters } from '@cogumi/contracts';
import { failureMap } from './failure-map.ts';
import { percent } from './figures.ts';
import { clip, swatch } from './group-parts.ts';
import { html, type Markup } from './html.ts';

/** An artifact of kind `failures`. */
export interface FoundFailures {
  /** Id of the node that found them: `failures` for what ships, otherwise that of a repair. */
  readonly stage: string;
  readonly summary: FailureClusters;
  readonly failures: readonly FailedAnswer[];
}

/** Strata and tasks of a group on the page (chosen); `clusters.json` has all. */
const SHOWN = 3;

/** What failures have in common: a map of them, and each group with its words, its tasks and examples. */
export function groupsSection(found: FoundFailures | null): Markup {
  if (!found) return html``;
  const { summary, failures } = found;
  const { asked, failed, clustered, clusters, silhouette } = summary;
  const grouped = clusters.reduce((sum, { size }) => sum + size, 0);
  const lead = html`<p>${failed.toLocaleString('en-US')} of ${asked.toLocaleString('en-US')} held-out questions failed (${kindsText(summary)}). ${grouped === 0 ? html`None of them is ${clustered.join(' or ')}: there is nothing to group.` : html`${grouped === failed ? 'They' : `${grouped.toLocaleString('en-US')} of them (${clustered.join(', ')})`} make ${clusters.length} ${clusters.length === 1 ? 'group' : 'groups'}.`}</p>`;
  if (grouped === 0) return lead;
  const domains = new Set(summary.tried.map(({ domain }) => domain)).size;
  const tried =
    domains === 0
      ? ''
      : domains === 1
        ? `, the largest of ${summary.tried.length} numbers of groups that were tried`
        : `, inside domains: each has the number of groups with its largest silhouette`;
  const apart =
    silhouette === null
      ? ''
      : html`Silhouette ${silhouette.toFixed(2)}${summary.exact ? '' : ', estimated on a sample'} (1: groups far apart, 0: each runs into the next)${tried}. `;
  return html`${lead}<figure>${failureMap(failures)}</figure><p class="soft">${apart}The map shows ${percent(summary.explained)} of how they differ.</p>
<table class="stack groups"><thead><tr><th>group</th><th class="number">failures</th><th>words</th><th>where they come from</th></tr></thead><tbody>${clusters.map(groupRow)}</tbody></table>
${clusters.map(examples)}`;
}

function kindsText({ kinds }: FailureClusters): string {
  const told = Object.entries(kinds).map(([kind, count]) => `${count.toLocaleString('en-US')} ${kind}`);
  return told.join(', ') || 'none';
}

function groupRow({ cluster, size, label, words, tasks }: FailureCluster): Markup {
  return html`<tr><th>${swatch(cluster)} ${cluster + 1}. ${label}</th><td class="number" data-label="failures">${size}</td><td data-label="words">${words.map(({ word, questions }) => html`${word} <span class="soft">${questions}</span> `)}</td><td data-label="from">${tasks.slice(0, SHOWN).map(({ task, failures, asked, failed }) => html`${task} <span class="soft">${failures} here; ${failed} of ${asked} fail</span><br>`)}${tasks.length > SHOWN ? html`<span class="soft">and ${tasks.length - SHOWN} more</span>` : ''}</td></tr>`;
}

function examples({ cluster, label, strata, examples: shown }: FailureCluster): Markup {
  const where = strata
    .slice(0, SHOWN)
    .map(
      ({ domain, difficulty, failures, asked, failed }) =>
        `${domain.replaceAll('_', ' ')} ${difficulty}: ${failures} here, ${percent(failed / asked)} of ${asked} fail`,
    )
    .join('; ');
  return html`<details><summary>${swatch(cluster)} ${cluster + 1}. ${label} <span class="soft">${where}</span></summary>
<table class="answers stack"><thead><tr><th>question</th><th>answer</th><th>why it is wrong</th></tr></thead><tbody>${shown.map(({ question, answer, reason, critique }) => html`<tr><td data-label="question"><pre>${clip(question)}</pre></td><td data-label="answer"><pre>${clip(answer)}</pre></td><td class="soft" data-label="why">${clip(reason)}${critique ? html`<br>${clip(critique)}` : ''}</td></tr>`)}</tbody></table></details>`;
}
