import type { Answer } from '@cogumi/contracts';
import { accuracyRow } from './charts.ts';
import { answersTo, countMoves, sampleAnswers } from './compare-answers.ts';
import { percent } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { Evaluation, ReportData, Score } from './read-run.ts';

/** Questions on the page for each model (chosen): enough to show a pattern, few enough to read. */
const SHOWN_QUESTIONS = 12;

/** Characters of one answer on the page (chosen); `answers.jsonl` has the whole answer. */
const LONGEST_SHOWN = 800;

/** Share of correct answers of every model, by domain. */
export function accuracySection({ evaluations }: ReportData): Markup {
  const domains = [...new Set(evaluations.flatMap(({ scores }) => Object.keys(scores.byDomain)))];
  if (domains.length === 0) return html``;
  // A modifier answers the questions of its own domain only.
  const whole = evaluations.filter(({ withAdapter }) => !withAdapter);
  return html`<div class="domains">${
    whole.length > 0 && domains.length > 1
      ? domainFigure(
          'all domains',
          whole.map(({ name, scores }) => ({ name, score: scores.all, unseen: null, own: false })),
        )
      : ''
  }${domains.map((domain) =>
    domainFigure(
      domain,
      evaluations.map(({ name, scores, withAdapter }) => ({
        name,
        score: scores.byDomain[domain]?.all ?? null,
        unseen: scores.byDomain[domain]?.unseen ?? null,
        own: withAdapter,
      })),
    ),
  )}</div>${evaluations.map(({ name, scores: { unmeasured } }) => (unmeasured === 0 ? '' : html`<p class="soft">${name}: ${unmeasured} answers have no verdict, since the teacher that judges gave none. They count neither as right nor as wrong.</p>`))}`;
}

function domainFigure(
  domain: string,
  rows: readonly { name: string; score: Score | null; unseen: Score | null; own: boolean }[],
): Markup {
  const questions = Math.max(0, ...rows.map(({ score }) => score?.questions ?? 0));
  return html`<figure><figcaption>${domain.replaceAll('_', ' ')} <span class="soft">${questions} questions</span></figcaption><table class="plain">${rows.flatMap(
    ({ name, score, unseen, own }) =>
      score
        ? [
            html`<tr><td>${name}</td><td>${accuracyRow(score, unseen, own)}</td><td class="number">${percent(score.accuracy)}</td></tr>`,
          ]
        : [],
  )}</table></figure>`;
}

/**
 * The same question answered by each modifier and by the models that it was compared with. Without modifiers, the models
 * that were compared with another take their place.
 */
export function beforeAfterSection({ evaluations }: ReportData): Markup {
  const modifiers = evaluations.filter(({ withAdapter }) => withAdapter);
  const compared = new Set(evaluations.map(({ comparedTo }) => comparedTo));
  const last = evaluations.filter(({ id, comparedTo }) => comparedTo !== null && !compared.has(id));
  const subjects = modifiers.length > 0 ? modifiers : last;
  return html`${subjects.map((subject) => {
    const before = comparisons(subject, evaluations);
    const models = [...before, subject];
    if (subject.answers.length === 0 || models.length < 2) return html``;
    return html`<h3>${subject.name}</h3>${before.map((other) => moves(other, subject))}
    <div class="scroll"><table class="answers"><thead><tr><th>question</th>${models.map(({ name }) => html`<th>${name}</th>`)}</tr></thead><tbody>
    ${sampleAnswers(subject.answers, SHOWN_QUESTIONS).map(({ question_id, unseen }) => {
      const found = new Map(answersTo(question_id, models).map(({ name, answer }) => [name, answer]));
      return html`<tr><td><pre>${clip(subject.questions.get(question_id) ?? question_id)}</pre>${unseen ? html`<span class="soft">held-out phrasing</span>` : ''}</td>${models.map(({ name }) => html`<td>${cell(found.get(name))}</td>`)}</tr>`;
    })}</tbody></table></div>`;
  })}`;
}

/** The models behind an evaluation, the first one first: what it was compared with, what that was compared with, and so on. */
function comparisons(subject: Evaluation, evaluations: readonly Evaluation[]): Evaluation[] {
  const chain: Evaluation[] = [];
  let next = evaluations.find(({ id }) => id === subject.comparedTo);
  while (next && next !== subject && !chain.includes(next)) {
    chain.unshift(next);
    const { comparedTo } = next;
    next = evaluations.find(({ id }) => id === comparedTo);
  }
  return chain;
}

function moves(before: Evaluation, after: Evaluation): Markup {
  const { gained, lost, bothRight, bothWrong } = countMoves(before.answers, after.answers);
  return html`<p class="soft">Against ${before.name}: <b class="verdict pass">${gained}</b> became right, <b class="verdict fail">${lost}</b> became wrong, ${bothRight} stayed right, ${bothWrong} stayed wrong.</p>`;
}

function cell(answer: Answer | undefined): Markup {
  if (!answer) return html`<span class="soft">not asked</span>`;
  const why = [answer.finish === 'length' ? 'truncated at the token limit' : '', answer.reason]
    .filter(Boolean)
    .join('; ');
  return html`${mark(answer.correct)}<pre>${clip(answer.answer)}</pre>${why ? html`<span class="soft">${clip(why)}</span>` : ''}`;
}

/** Answers of the finished bundle. */
export function servedSection({ samples }: ReportData): Markup {
  if (samples.length === 0) return html``;
  return html`<div class="scroll"><table class="answers"><thead><tr><th>route</th><th>question</th><th>answer</th></tr></thead><tbody>${samples.map(
    ({ question, route, answer, correct }) =>
      html`<tr><td>${route}</td><td><pre>${clip(question)}</pre></td><td>${mark(correct)}<pre>${clip(answer)}</pre></td></tr>`,
  )}</tbody></table></div>`;
}

function mark(correct: boolean | null): Markup {
  if (correct === null) return html`<span class="soft">no verdict</span>`;
  return correct ? html`<span class="verdict pass">✓ correct</span>` : html`<span class="verdict fail">✗ wrong</span>`;
}

function clip(text: string): string {
  if (text.length <= LONGEST_SHOWN) return text;
  return `${text.slice(0, LONGEST_SHOWN)}… (${text.length.toLocaleString('en-US')} characters)`;
}
