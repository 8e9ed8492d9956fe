import { type Answer, isRightInProse } from '@cogumi/contracts';
import { changeSign } from './change-mark.ts';
import { accuracyRow } from './charts.ts';
import { answersTo, changeIn, countMoves, sampleAnswers } from './compare-answers.ts';
import { percent } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { Evaluation, Score } from './read-evaluations.ts';
import type { ReportData } from './read-run.ts';

/** Questions on the page for each model (chosen): enough to show a pattern, few enough to read. */
const SHOWN_QUESTIONS = 12;

/** Characters of one answer on the page (chosen); `answers.jsonl` has the whole answer. */
const LONGEST_SHOWN = 800;

/** What the models of a build are, under the names that their evaluations have. */
const MODELS: Readonly<Record<string, string>> = {
  base: 'the model that the build started from',
  tuned: 'after fine-tuning on the rows of this build',
  repair: 'after the repair, kept or not',
  quantized: 'the model in fewer bits, as it ships',
};

/** What the names of the models mean that this run has. */
export function modelsExplained({ evaluations }: ReportData): string {
  const known = evaluations.flatMap(({ name }) => (MODELS[name] ? [`${name}: ${MODELS[name]}`] : []));
  const modifiers = evaluations.filter(({ withAdapter }) => withAdapter).map(({ name }) => name);
  const adapters = modifiers.length > 0 ? [`${modifiers.join(', ')}: the model that ships with that modifier`] : [];
  return [...known, ...adapters].map((line) => `${line}. `).join('');
}

/** Share of correct answers of every model, by domain, with a mark where it differs from the first model. */
export function accuracySection({ evaluations }: ReportData): Markup {
  const domains = [...new Set(evaluations.flatMap(({ scores }) => Object.keys(scores.byDomain)))];
  if (domains.length === 0) return html``;
  // A modifier answers the questions of its own domain only.
  const whole = evaluations.filter(({ withAdapter }) => !withAdapter);
  const start = whole[0];
  return html`<div class="domains">${whole.length > 0 && domains.length > 1 ? domainFigure(null, whole, start) : ''}${domains.map((domain) => domainFigure(domain, evaluations, start))}</div>${evaluations.map(({ name, scores: { unmeasured } }) => (unmeasured === 0 ? '' : html`<p class="soft">${name}: ${unmeasured} answers have no verdict, since the teacher that judges gave none. They count neither as right nor as wrong.</p>`))}`;
}

/** @param domain - null: all domains together. */
function domainFigure(
  domain: string | null,
  evaluations: readonly Evaluation[],
  start: Evaluation | undefined,
): Markup {
  const scoreIn = ({ scores }: Evaluation): Score | null =>
    domain === null ? scores.all : (scores.byDomain[domain]?.all ?? null);
  const before = start ? scoreIn(start) : null;
  const rows = evaluations.flatMap((evaluation) => {
    const score = scoreIn(evaluation);
    if (!score) return [];
    const unseen = domain === null ? null : (evaluation.scores.byDomain[domain]?.unseen ?? null);
    const change = start && evaluation !== start ? changeIn(start.answers, evaluation.answers, domain) : null;
    const mark = change && before ? changeSign(change, score.accuracy - before.accuracy) : '';
    return [
      html`<tr><td>${evaluation.name}</td><td>${accuracyRow(score, unseen, evaluation.withAdapter)}</td><td class="number">${percent(score.accuracy)}</td><td>${mark}</td></tr>`,
    ];
  });
  const questions = Math.max(0, ...evaluations.map((evaluation) => scoreIn(evaluation)?.questions ?? 0));
  return html`<figure><figcaption>${(domain ?? 'all domains').replaceAll('_', ' ')} <span class="soft">${questions.toLocaleString('en-US')} questions</span></figcaption><table class="plain">${rows}</table></figure>`;
}

/**
 * The same question answered by each modifier and by the models that it was compared with. Without modifiers, the models
 * that were compared with another take their place.
 */
export function beforeAfterSection({ evaluations }: ReportData): Markup {
  const modifiers = evaluations.filter(({ withAdapter }) => withAdapter);
  const compared = new Set(evaluations.flatMap(({ comparedTo }) => comparedTo));
  const last = evaluations.filter(({ id, comparedTo }) => comparedTo.length > 0 && !compared.has(id));
  const subjects = modifiers.length > 0 ? modifiers : last;
  return html`${subjects.map((subject) => {
    const before = comparisons(subject, evaluations);
    const models = [...before, subject];
    if (subject.answers.length === 0 || models.length < 2) return html``;
    return html`<h3>${subject.name}</h3>${before.map((other) => moves(other, subject))}
    <table class="answers stack"><thead><tr><th>question</th>${models.map(({ name }) => html`<th>${name}</th>`)}</tr></thead><tbody>
    ${sampleAnswers(subject.answers, SHOWN_QUESTIONS).map(({ question_id, unseen }) => {
      const found = new Map(answersTo(question_id, models).map(({ name, answer }) => [name, answer]));
      return html`<tr><td data-label="question"><pre>${clip(subject.questions.get(question_id) ?? question_id)}</pre>${unseen ? html`<span class="soft">held-out phrasing</span>` : ''}</td>${models.map(({ name }) => html`<td data-label="${name}">${cell(found.get(name))}</td>`)}</tr>`;
    })}</tbody></table>`;
  })}`;
}

/** The models behind an evaluation, in the order of the build: what it was compared with, what those were compared with, and so on. */
function comparisons(subject: Evaluation, evaluations: readonly Evaluation[]): Evaluation[] {
  const found = new Set<string>();
  const follow = ({ comparedTo }: Evaluation) => {
    for (const id of comparedTo) {
      const next = evaluations.find((evaluation) => evaluation.id === id);
      if (!next || next === subject || found.has(id)) continue;
      found.add(id);
      follow(next);
    }
  };
  follow(subject);
  return evaluations.filter(({ id }) => found.has(id));
}

function moves(before: Evaluation, after: Evaluation): Markup {
  const { gained, lost, bothRight, bothWrong } = countMoves(before.answers, after.answers);
  return html`<p class="soft">Against ${before.name}: <b class="verdict pass">${gained}</b> became right, <b class="verdict fail">${lost}</b> became wrong, ${bothRight} stayed right, ${bothWrong} stayed wrong.</p>`;
}

function cell(answer: Answer | undefined): Markup {
  if (!answer) return html`<span class="soft">not asked</span>`;
  const why = [
    answer.finish === 'length' ? 'truncated at the token limit' : '',
    answer.failure && answer.failure !== 'wrong' ? answer.failure : '',
    answer.reason,
  ]
    .filter(Boolean)
    .join('; ');
  return html`${mark(answer.correct)}${isRightInProse(answer) ? html` <span class="soft">in prose</span>` : ''}<pre>${clip(answer.answer)}</pre>${why ? html`<span class="soft">${clip(why)}</span>` : ''}`;
}

/** Answers of the finished bundle. */
export function servedSection({ samples }: ReportData): Markup {
  if (samples.length === 0) return html``;
  return html`<table class="answers stack"><thead><tr><th>route</th><th>question</th><th>answer</th></tr></thead><tbody>${samples.map(
    ({ question, route, answer, correct }) =>
      html`<tr><td data-label="route">${route}</td><td data-label="question"><pre>${clip(question)}</pre></td><td data-label="answer">${mark(correct)}<pre>${clip(answer)}</pre></td></tr>`,
  )}</tbody></table>`;
}

function mark(correct: boolean | null): Markup {
  if (correct === null) return html`<span class="soft">no verdict</span>`;
  return correct ? html`<span class="verdict pass">✓ correct</span>` : html`<span class="verdict fail">✗ wrong</span>`;
}

function clip(text: string): string {
  if (text.length <= LONGEST_SHOWN) return text;
  return `${text.slice(0, LONGEST_SHOWN)}… (${text.length.toLocaleString('en-US')} characters)`;
}
