import type { Answer, Domain } from '@cogumi/contracts';
import { accuracyRow, confusionTable, intervalBar, lineChart } from './charts.ts';
import { html, Markup } from './html.ts';
import type { ReportData } from './read-run.ts';
import { stageGraph } from './stage-graph.ts';
import { STYLE } from './style.ts';

/** Questions shown with the answers of several models. */
const SHOWN_QUESTIONS = 4;

type Score = { questions: number; correct: number; accuracy: number; interval: [number, number] };
type Scores = { all: Score | null; byDomain: Partial<Record<Domain, { all: Score }>> };
type Confusion = { matrix: number[][]; right: number; prompts: number; accuracy: number };

/** One page that needs nothing else: no script, no request to anywhere. */
export function renderReport(data: ReportData): string {
  const passed = data.gates.filter(({ gate }) => gate.verdict === 'pass').length;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${data.name}: ${data.outcome}</title><style>${new Markup(STYLE)}</style></head><body>
<header><h1>${data.name} <span class="outcome ${data.outcome}">${data.outcome}</span></h1>
<p>${passed} of ${data.gates.length} gates passed · ${time(data.seconds)}${data.peakMemoryBytes === null ? '' : ` · peak memory ${bytes(data.peakMemoryBytes)} over all processes`}</p>
<p class="soft">run ${data.run}${data.digest ? html` · digest <code>${data.digest}</code>` : ''}</p></header>
${section('Gates', gates(data))}
${section('Stages', stageGraph(data.stages))}
${section('Right answers by domain', accuracies(data), 'Exact check on the same held-out questions; lines are 95% intervals (Wilson).')}
${section('Before and after', samplesByDomain(data), 'The same held-out question, answered by each model of the build.')}
${section('Router', confusions(data), 'New prompts of every domain; the second table in wordings that training never saw.')}
${section('Loss', html`<div class="charts">${data.losses.map(({ stage, series }) => lineChart(stage, series))}</div>`, 'Mean nats a trained token.', data.losses.length > 0)}
${section('Served', served(data), 'Answers of the finished bundle over HTTP.', data.samples.length > 0)}
${section('Time and size', costs(data))}
${section('Spend', spend(data), '', data.spend.length > 0)}
${section('Recipe', html`<pre>${JSON.stringify(data.recipe, null, 1)}</pre>`)}
</body></html>
`.text;
}

function section(title: string, content: Markup, note = '', shown = true): Markup {
  if (!shown || content.text.trim() === '') return html``;
  return html`<section><h2>${title}</h2>${note ? html`<p class="soft">${note}</p>` : ''}${content}</section>`;
}

function gates({ gates: all }: ReportData): Markup {
  return html`<table><thead><tr><th>verdict</th><th>stage / gate</th><th class="number">measured</th><th></th><th class="number">threshold</th><th>evidence</th></tr></thead><tbody>
  ${all.map(
    ({
      stage,
      gate,
      overridden,
    }) => html`<tr><td><span class="verdict ${gate.verdict}">${gate.verdict}</span>${overridden ? html` <b>overridden</b>` : ''}</td>
    <td><b>${stage} / ${gate.name}</b><br><span class="soft">${gate.criterion}</span></td>
    <td class="number">${short(gate.measured)}${gate.interval ? html`<br><span class="soft">${short(gate.interval[0])} – ${short(gate.interval[1])}</span>` : ''}</td>
    <td>${intervalBar(gate.measured, gate.interval, gate.threshold)}</td><td class="number">${short(gate.threshold)}<br><span class="soft">${gate.unit}</span></td>
    <td class="soft">${gate.evidence}${gate.verdict === 'pass' ? '' : html`<br><b>Try:</b> ${gate.advice}`}</td></tr>`,
  )}</tbody></table>`;
}

/** Evaluations on the exam, by the name of their model. */
function models({ stages, answers }: ReportData): { name: string; id: string; scores: Scores }[] {
  return stages.flatMap(({ id, manifest }) => {
    if (!answers.has(id) || !manifest || id.endsWith('.attempt')) return [];
    return [{ name: id.replace(/^evaluate\.|\.evaluate$/, ''), id, scores: manifest.facts as unknown as Scores }];
  });
}

function accuracies(data: ReportData): Markup {
  const all = models(data);
  const domains = [...new Set(all.flatMap(({ scores }) => Object.keys(scores.byDomain) as Domain[]))];
  if (domains.length === 0) return html``;
  return html`<div class="domains">${domains.map(
    (domain) =>
      html`<figure><figcaption>${domain.replaceAll('_', ' ')}</figcaption><table class="plain">${all.flatMap(
        ({ name, scores }, at) => {
          const score = scores.byDomain[domain]?.all;
          return score
            ? [
                html`<tr><td>${name}</td><td>${accuracyRow(score.accuracy, score.interval, Math.min(at, 3))}</td><td class="number">${(100 * score.accuracy).toFixed(1)}%</td></tr>`,
              ]
            : [];
        },
      )}</table></figure>`,
  )}</div>`;
}

function samplesByDomain(data: ReportData): Markup {
  const all = models(data);
  const tuned = all.filter(({ id }) => id.endsWith('.evaluate'));
  return html`${tuned.map(({ id, name }) => {
    const own = data.answers.get(id) ?? [];
    // Where something changed first: that is what a modifier is for.
    const reference = byId(data.answers.get('evaluate.reference'));
    const changed = own.toSorted((left, right) => Number(gained(right, reference)) - Number(gained(left, reference)));
    return html`<h3>${name}</h3>${changed.slice(0, SHOWN_QUESTIONS).map(
      ({
        question_id,
      }) => html`<table class="answers"><tr><td class="soft">question</td><td><pre>${data.questions.get(question_id) ?? question_id}</pre></td></tr>
      ${all.flatMap((model) => {
        const answer = byId(data.answers.get(model.id)).get(question_id);
        return answer
          ? [
              html`<tr><td>${model.name} <span class="verdict ${answer.correct ? 'pass' : 'fail'}">${answer.correct ? 'right' : 'wrong'}</span></td><td><pre>${answer.answer}</pre></td></tr>`,
            ]
          : [];
      })}</table>`,
    )}`;
  })}`;
}

function byId(answers: readonly Answer[] = []): Map<string, Answer> {
  return new Map(answers.map((answer) => [answer.question_id, answer]));
}

function gained(answer: Answer, reference: ReadonlyMap<string, Answer>): boolean {
  return answer.correct && reference.get(answer.question_id)?.correct === false;
}

function confusions({ stages }: ReportData): Markup {
  const facts = stages.find(({ manifest }) => manifest?.kind === 'router')?.manifest?.facts as
    | { routes: string[]; known: Confusion; unseen: Confusion }
    | undefined;
  if (!facts) return html``;
  const title = (name: string, { right, prompts, accuracy }: Confusion) =>
    `${name}: ${right} of ${prompts}, ${(100 * accuracy).toFixed(1)}%`;
  return html`<div class="charts">${confusionTable(title('known wordings', facts.known), facts.routes, facts.known.matrix)}${confusionTable(title('unseen wordings', facts.unseen), facts.routes, facts.unseen.matrix)}</div>`;
}

function served({ samples }: ReportData): Markup {
  return html`<table><thead><tr><th>route</th><th>question</th><th>answer</th><th></th></tr></thead><tbody>${samples.map(
    ({ question, route, answer, correct }) =>
      html`<tr><td><b>${route}</b></td><td><pre>${question}</pre></td><td><pre>${answer}</pre></td><td><span class="verdict ${correct ? 'pass' : 'fail'}">${correct ? 'right' : 'wrong'}</span></td></tr>`,
  )}</tbody></table>`;
}

function costs({ stages }: ReportData): Markup {
  const longest = Math.max(1, ...stages.map(({ seconds }) => seconds));
  return html`<table><thead><tr><th>stage</th><th class="number">time</th><th></th><th class="number">size</th><th>artifact</th></tr></thead><tbody>${stages.map(
    ({ id, outcome, seconds, bytes: size, manifest }) =>
      html`<tr><td>${id}</td><td class="number">${outcome === 'done' ? time(seconds) : outcome}</td><td><span class="length" style="--share:${(seconds / longest).toFixed(3)}"></span></td><td class="number">${bytes(size)}</td><td><code>${manifest?.key.slice(0, 12) ?? ''}</code></td></tr>`,
  )}</tbody></table>`;
}

function spend({ spend: rows }: ReportData): Markup {
  const whole = rows.reduce((sum, { money }) => sum + money, 0);
  return html`<table><thead><tr><th>stage</th><th>teacher</th><th class="number">requests</th><th class="number">USD</th></tr></thead><tbody>${rows.map(
    ({ stage, teacher, requests, money }) =>
      html`<tr><td>${stage}</td><td>${teacher}</td><td class="number">${requests}</td><td class="number">${money.toFixed(4)}</td></tr>`,
  )}<tr><th>all</th><td></td><td class="number">${rows.reduce((sum, { requests }) => sum + requests, 0)}</td><td class="number">${whole.toFixed(4)}</td></tr></tbody></table>`;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

function time(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function bytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} KB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(2)} GB`;
}
