import { answerSection } from './answer-section.ts';
import { accuracySection, beforeAfterSection, modelsExplained, servedSection } from './answers-section.ts';
import { MARKS_EXPLAINED } from './change-mark.ts';
import { confusionTable } from './charts.ts';
import { spendSection, timeAndSizeSection } from './costs-section.ts';
import { dataSection } from './data-section.ts';
import { failuresSection } from './failures-section.ts';
import { duration, percent, size } from './figures.ts';
import { gatesSection, gatesSummary } from './gates-section.ts';
import { groupsSection } from './groups-section.ts';
import { html, Markup } from './html.ts';
import { judgesSection } from './judges-section.ts';
import { layersTable } from './layers-table.ts';
import { lossChart } from './loss-chart.ts';
import type { ReportData } from './read-run.ts';
import { repairSection } from './repair-section.ts';
import { stageGraph } from './stage-graph.ts';
import { STYLE } from './style.ts';
import { vocabularyChart } from './vocabulary-chart.ts';

/**
 * One self-contained page without scripts or network requests; its content security policy forbids both, because answers of
 * models are untrusted text. It begins with what the build was for: right answers by domain, beside the model that it started from.
 */
export function renderReport(data: ReportData): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${data.name}: ${data.outcome}</title><link rel="icon" href="data:,"><style>${new Markup(STYLE)}</style></head><body>
${header(data)}
${section('Gates', gatesSection(data), 'A gate is a condition that a stage measures on its own result, called stage/gate, as the option --override takes it. pass: it holds; fail: it does not, and what reads the result is not started; inconclusive: the sample is too small to tell; skipped: there was nothing to measure. Interval: the 95% range of what other samples would give. Dot: measured; band: interval; stroke: threshold.')}
${section('Judges', judgesSection(data.judges), 'Models that judge answers where there is no exact checker, beside people on answers that people labelled. Where its passport is valid, the judge showed all of this; gates over the verdicts of other judges are advice. Dot: measured; band: interval; stroke: threshold.')}
${section('Accuracy by domain', accuracySection(data), `Right answers of every model to the same held-out questions, checked exactly. ${modelsExplained(data)}Dot: all questions; band: 95% interval; ring: those in phrasings that training never had. From 0 to 100%. ${MARKS_EXPLAINED}`)}
${section('Form and knowledge', failuresSection(data), 'A right answer that stands in talk, in a code block or behind “the answer is” is right: of every model alike, by the rules of the field’s harnesses. Right as asked: in the form that the question’s checker takes. Unreadable: nothing in it is an answer of the kind that was asked for. Cut: it ended at the limit of tokens before it came to one. Refused: the model said that it cannot.')}
${section('Failures', groupsSection(data.failures), `Held-out questions that ${data.failures?.stage === 'failures' ? 'what ships' : 'the model before its repair'} answers wrong, grouped by prompt and answer: near each other is what the model reads as alike. Words: those that tell a group from all other questions, with the number of its questions that have them.`)}
${section('Repair', repairSection(data.repairs), 'Targeted distillation: the model before learned new questions of the kinds that it failed, of the largest groups above. Before and after are measured on other new questions of those kinds, held out, which took no part in finding the failures. ▲ and ▼: better or worse for certain, by the interval of the ratio of right answers, at 95% for all groups together; △ and ▽: it may be chance.')}
${section('Before and after', beforeAfterSection(data), 'The same held-out questions for every model, drawn by the hash of their ids: nobody picked them.')}
${section('Router', routerSection(data), 'The router reads a prompt and chooses who answers: a modifier, or base, the model without one. Prompts by the route that is right (rows) and the route that was chosen (columns), shaded by share of the row.')}
${section('Served', servedSection(data), 'Answers of the finished bundle, the one file that ships, served in a separate process as a user would.')}
${section('Data', dataSection(data), 'Imported rows by source: the number left after each step, and its share of the rows read.')}
${section('Loss', html`<div class="charts">${data.losses.map(({ stage, ...curves }) => lossChart(curves, stage))}</div>`, 'How surprised a model is by the right answers, in nats per token; lower is better. Grey: the rows of each training step; coloured: validation, rows that are never trained on.', data.losses.length > 0)}
${section('Vocabulary', html`<div class="charts">${data.vocabularies.map(vocabularyChart)}</div>`, 'Share of the tokens of held-out rows that a vocabulary of a size covers. Coloured: all of them; grey: by source; stroke: the size that was taken.', data.vocabularies.length > 0)}
${section('Pipeline', stageGraph(data.stages), 'What the build did, chapter by chapter. Each stage reads the one to its left, and those after the plus sign. Dashed: the result was in the store already.', data.stages.length > 0)}
${section('Time and size', timeAndSizeSection(data), 'Of each stage and of its artifact: the result in the store, named by a hash of all that it was made from.')}
${section('Spend', spendSection(data), 'What teachers were asked and cost. Tier: the place in a cascade, cheapest first.')}
${section('Warnings', list(data.warnings.map(({ stage, message }) => `${stage}: ${message}`)))}
${section('Not readable', list(data.unread), 'The content of these files is missing above.')}
${section('Recipe', html`<details><summary>All settings of this build</summary><pre class="recipe">${JSON.stringify(data.recipe, null, 1)}</pre></details>`, '', data.recipe !== null)}
</body></html>
`.text;
}

function header(data: ReportData): Markup {
  const count = (verdict: string) => data.gates.filter(({ gate }) => gate.verdict === verdict).length;
  const [passed, skipped] = [count('pass'), count('skipped')];
  const bundle = data.stages.find(({ manifest }) => manifest?.kind === 'bundle');
  const cached = data.stages.filter(({ outcome }) => outcome === 'cached').length;
  const facts: [string, string][] = [
    ['gates passed', `${passed} of ${data.gates.length}${skipped > 0 ? `, ${skipped} skipped` : ''}`],
    ['time', duration(data.seconds)],
    // Without this number, a short time would look like a fast build although an earlier run did the work.
    ...(cached === 0 ? [] : [['stages from the store', `${cached} of ${data.stages.length}`] as [string, string]]),
    ...(data.peakMemoryBytes === null ? [] : [['peak memory', size(data.peakMemoryBytes)] as [string, string]]),
    ...(bundle?.manifest ? [['bundle', size(bundle.bytes)] as [string, string]] : []),
  ];
  const started = data.startedAt > 0 ? new Date(data.startedAt).toISOString().slice(0, 16).replace('T', ' ') : null;
  return html`<header><h1>${data.name} <span class="outcome ${data.outcome}">${data.outcome}</span></h1>
${answerSection(data)}
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${gatesSummary(data)}
<p class="soft">run ${data.run}${started ? html` · started ${started} UTC` : ''}${data.digest ? html`<br>digest, which names the bundle by its content: <code>${data.digest}</code>` : ''}</p></header>`;
}

function section(title: string, content: Markup, note = '', shown = true): Markup {
  if (!shown || content.text.trim() === '') return html``;
  return html`<section><h2>${title}</h2>${note ? html`<p class="soft">${note}</p>` : ''}${content}</section>`;
}

function routerSection({ router }: ReportData): Markup {
  if (!router) return html``;
  const part = (name: string, { right, prompts, accuracy, matrix }: typeof router.known) =>
    confusionTable(`${name}: ${right} of ${prompts}, ${percent(accuracy)}`, router.routes, matrix);
  return html`<div class="tables">${part('known phrasings', router.known)}${part('held-out phrasings', router.unseen)}${router.general ? part('prompts of no domain', router.general) : ''}${Object.entries(router.examples).map(([domain, own]) => part(`held-out examples of ${domain}`, own))}${layersTable(router)}</div>`;
}

function list(lines: readonly string[]): Markup {
  return lines.length === 0 ? html`` : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}
