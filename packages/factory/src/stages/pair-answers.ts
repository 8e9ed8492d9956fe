import type { Answer, Domain } from '@cogumi/contracts';
import { type PairedRatio, pairedRatio } from '@cogumi/pure';

/** A question that two models answered: was ours right, was theirs right. */
export interface AnswerPair {
  readonly domain: Domain;
  readonly ours: boolean;
  readonly theirs: boolean;
}

/**
 * Pairs the answers of two models by question, in the order of ours.
 *
 * @throws RangeError when the other model was not asked one of the questions.
 */
export function pairAnswers(answers: readonly Answer[], theirs: readonly Answer[]): AnswerPair[] {
  const right = new Map(theirs.map(({ question_id, correct }) => [question_id, correct]));
  return answers.map(({ question_id, domain, correct }) => {
    const other = right.get(question_id);
    if (other === undefined) throw new RangeError(`the model to compare with was never asked ${question_id}`);
    return { domain, ours: correct, theirs: other };
  });
}

/** Right answers of ours as a multiple of theirs, in a domain or in all (`null`); null: there is no pair. */
export function compareIn(pairs: readonly AnswerPair[], domain: Domain | null): PairedRatio | null {
  const own = pairs.filter((pair) => domain === null || pair.domain === domain);
  return own.length === 0 ? null : pairedRatio(own.map(({ ours, theirs }) => [ours, theirs]));
}
