import type { DomainResult, Headline } from '@cogumi/contracts';
import { shownInterval, wilsonInterval } from '@cogumi/pure';
import { changeMark, MARKS_EXPLAINED } from './change-mark.ts';
import { beforeAfterBar } from './charts.ts';
import { percent } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportData } from './read-run.ts';

/** What the build was for: right answers by domain, beside the model that it started from. Empty where that was not measured. */
export function answerSection({
  name,
  domains,
  headlines,
}: Pick<ReportData, 'name' | 'domains' | 'headlines'>): Markup {
  if (domains.length === 0) return html``;
  const rows = domains.toSorted((left, right) => Number(left.route === 'base') - Number(right.route === 'base'));
  const sum = (of: (domain: DomainResult) => number) => domains.reduce((total, domain) => total + of(domain), 0);
  const questions = sum((domain) => domain.questions);
  return html`<p class="lead">${name} answers <b>${percent(sum(({ right }) => right) / questions)}</b> of ${questions.toLocaleString('en-US')} held-out questions right. The base, the model that it was built from, answers ${percent(sum(({ startRight }) => startRight) / questions)}.${headlines.map((found) => html` ${describeHeadline(found)}`)}</p>
<table class="answer stack"><thead><tr><th>domain</th><th class="number">${name}</th><th></th><th class="number">base</th><th>change</th><th>answered by</th></tr></thead><tbody>${rows.map(domainRow)}</tbody></table>
<p class="soft">Held-out: no model was trained on these questions. A modifier is a small adapter to the model, trained for one domain; the router picks it by the prompt. Hollow dot: base; full dot: ${name}, with its 95% interval. ${MARKS_EXPLAINED}</p>`;
}

/** The ratio with its interval, and how much of either side was right in prose only. */
function describeHeadline({ against, right, theirs, inProse, theirsInProse, ratio, interval }: Headline): Markup {
  const other = against === 'base' ? 'the base' : 'the reference, the better of base and tuned model in each domain';
  if (theirs === 0) return html`Right answers, against ${other}: ${right} to 0.`;
  const [low, high] = shownInterval({ interval, unit: 'ratio' }) as readonly [number, number];
  const times = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : '∞');
  return html`Against ${other}: <b>${times(ratio)} times</b> as many right answers (95%: ${times(low)} to ${times(high)}), ${right} to ${theirs}, of which ${inProse} and ${theirsInProse} are right only in prose.`;
}

function domainRow({ domain, route, questions, right, startRight, change }: DomainResult): Markup {
  const [share, before] = [right / questions, startRight / questions];
  return html`<tr><th>${domain.replaceAll('_', ' ')}</th><td class="number strong" data-label="right answers">${percent(share)}</td><td class="wide">${beforeAfterBar(before, share, wilsonInterval(right, questions))}</td><td class="number soft" data-label="base">${percent(before)}</td><td data-label="change">${changeMark(change, share - before)}</td><td class="soft" data-label="answered by">${route === 'base' ? 'no modifier' : `modifier ${route}`}</td></tr>`;
}
