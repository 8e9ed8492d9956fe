import { accuracySection, beforeAfterSection, servedSection } from './answers-section.ts';
import { confusionTable, lossChart } from './charts.ts';
import { spendSection, timeAndSizeSection } from './costs-section.ts';
import { dataSection } from './data-section.ts';
import { duration, percent, size } from './figures.ts';
import { gatesSection, gatesSummary } from './gates-section.ts';
import { html, Markup } from './html.ts';
import type { ReportData } from './read-run.ts';
import { stageGraph } from './stage-graph.ts';
import { STYLE } from './style.ts';

/**
 * One self-contained page without scripts or network requests; its content security policy forbids both, because answers of
 * models are untrusted text. Gates come first: did every one pass, and on which evidence.
 */
export function renderReport(data: ReportData): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${data.name}: ${data.outcome}</title><link rel="icon" href="data:,"><style>${new Markup(STYLE)}</style></head><body>
${header(data)}
${section('Gates', gatesSection(data), 'Dot: measured; band: 95% interval; stroke: threshold.')}
${section('Accuracy by domain', accuracySection(data), 'Exact check on the same held-out questions. Dot: all questions; band: 95% interval (Wilson); ring: held-out phrasings. From 0 to 100%.')}
${section('Before and after', beforeAfterSection(data), 'The same held-out questions for every model, sampled by the hash of their ids.')}
${section('Router', routerSection(data), 'Prompts by expected route (rows) and chosen route (columns), shaded by share of the row.')}
${section('Served', servedSection(data), 'Answers of the finished bundle, served in a separate process.')}
${section('Data', dataSection(data), 'Imported rows by source: the number left after each step, and its share of the rows read.')}
${section('Loss', html`<div class="charts">${data.losses.map(({ stage, ...curves }) => lossChart(curves, stage))}</div>`, 'Mean nats per trained token. Grey: training; coloured, with dots: validation.', data.losses.length > 0)}
${section('Stages', html`<div class="scroll">${stageGraph(data.stages)}</div>`, 'Each stage is below its inputs. Dashed: from the store; faint lines skip rows.', data.stages.length > 0)}
${section('Time and size', timeAndSizeSection(data))}
${section('Spend', spendSection(data))}
${section('Warnings', list(data.warnings.map(({ stage, message }) => `${stage}: ${message}`)))}
${section('Not readable', list(data.unread), 'The content of these files is missing above.')}
${section('Recipe', html`<pre class="recipe">${JSON.stringify(data.recipe, null, 1)}</pre>`, '', data.recipe !== null)}
</body></html>
`.text;
}

function header(data: ReportData): Markup {
  const passed = data.gates.filter(({ gate }) => gate.verdict === 'pass').length;
  const bundle = data.stages.find(({ manifest }) => manifest?.kind === 'bundle');
  const cached = data.stages.filter(({ outcome }) => outcome === 'cached').length;
  const facts: [string, string][] = [
    ['gates passed', `${passed} of ${data.gates.length}`],
    ['time', duration(data.seconds)],
    // Without this number, a short time would look like a fast build although an earlier run did the work.
    ...(cached === 0 ? [] : [['stages from the store', `${cached} of ${data.stages.length}`] as [string, string]]),
    ...(data.peakMemoryBytes === null ? [] : [['peak memory', size(data.peakMemoryBytes)] as [string, string]]),
    ...(bundle?.manifest ? [['bundle', size(bundle.bytes)] as [string, string]] : []),
  ];
  const started = data.startedAt > 0 ? new Date(data.startedAt).toISOString().slice(0, 16).replace('T', ' ') : null;
  return html`<header><h1>${data.name} <span class="outcome ${data.outcome}">${data.outcome}</span></h1>
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${gatesSummary(data)}
<p class="soft">run ${data.run}${started ? html` · started ${started} UTC` : ''}${data.digest ? html`<br>digest <code>${data.digest}</code>` : ''}</p></header>`;
}

function section(title: string, content: Markup, note = '', shown = true): Markup {
  if (!shown || content.text.trim() === '') return html``;
  return html`<section><h2>${title}</h2>${note ? html`<p class="soft">${note}</p>` : ''}${content}</section>`;
}

function routerSection({ router }: ReportData): Markup {
  if (!router) return html``;
  const part = (name: string, { right, prompts, accuracy, matrix }: typeof router.known) =>
    confusionTable(`${name}: ${right} of ${prompts}, ${percent(accuracy)}`, router.routes, matrix);
  return html`<div class="charts">${part('known phrasings', router.known)}${part('held-out phrasings', router.unseen)}${Object.entries(router.examples).map(([domain, own]) => part(`held-out examples of ${domain}`, own))}</div>`;
}

function list(lines: readonly string[]): Markup {
  return lines.length === 0 ? html`` : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}
