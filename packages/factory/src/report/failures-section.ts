import { Failure } from '@cogumi/contracts';
import { html, type Markup } from './html.ts';
import type { ReportData } from './read-run.ts';

/** What form cost and what knowledge: answers that were right as asked, right only in prose, and wrong for each reason. */
export function failuresSection({ evaluations }: Pick<ReportData, 'evaluations'>): Markup {
  const rows = evaluations.flatMap(({ name, maxTokens, scores }) =>
    Object.entries(scores.byDomain).flatMap(([domain, { all }]) => {
      if (all?.inProse === undefined) return [];
      const { correct, inProse, failures = {} } = all;
      const cells = [correct - inProse, inProse, ...Failure.options.map((kind) => failures[kind] ?? 0)];
      const labels = [
        'as asked',
        'only in prose',
        'wrong',
        'unreadable',
        `cut at ${maxTokens ?? '?'} tokens`,
        'refused',
      ];
      return [
        html`<tr><th>${domain.replaceAll('_', ' ')}</th><td data-label="model">${name}</td>${cells.map((count, at) => html`<td class="number${count === 0 ? ' soft' : ''}" data-label="${labels[at] as string}">${count === 0 ? '·' : count}</td>`)}</tr>`,
      ];
    }),
  );
  if (rows.length === 0) return html``;
  const limits = [...new Set(evaluations.flatMap(({ maxTokens }) => maxTokens ?? []))];
  const cut = limits.length === 1 ? `cut at ${limits[0]} tokens` : 'cut';
  return html`<table class="answer stack"><thead><tr><th>domain</th><th>model</th><th class="number">right as asked</th><th class="number">right only in prose</th><th class="number">wrong</th><th class="number">unreadable</th><th class="number">${cut}</th><th class="number">refused</th></tr></thead><tbody>${rows}</tbody></table>`;
}
