import type { Answer, Domain } from '@cogumi/contracts';

/** The two models whose answers are compared. */
export type Picked = 'start' | 'tuned';

/**
 * In each domain the answers of the model with more right ones; of the tuned one where both have as many.
 *
 * @returns `answers` in the order of `tuned`, and which model they are `from`, by domain.
 * @throws RangeError when the models answered other questions.
 */
export function pickBetter(start: readonly Answer[], tuned: readonly Answer[]) {
  const starts = new Map(start.map((answer) => [answer.question_id, answer]));
  const missing = tuned.find(({ question_id }) => !starts.has(question_id));
  if (missing || start.length !== tuned.length) {
    const what = missing ? `${missing.question_id} was never asked` : `${start.length} and ${tuned.length} answers`;
    throw new RangeError(`the start model and the tuned one answered other questions: ${what}`);
  }
  const right = (answers: readonly Answer[], domain: Domain) =>
    answers.filter((answer) => answer.domain === domain && answer.correct).length;
  const from: Record<Domain, Picked> = {};
  for (const domain of new Set(tuned.map((answer) => answer.domain)))
    from[domain] = right(start, domain) > right(tuned, domain) ? 'start' : 'tuned';
  const answers = tuned.map((answer) => (from[answer.domain] === 'tuned' ? answer : starts.get(answer.question_id)!));
  return { answers, from };
}
