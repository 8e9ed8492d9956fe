import type { Answer, Domain } from '@cogumi/contracts';
import { type PairedRatio, pairedRatio } from '@cogumi/pure';

/** A question that two models answered: was ours right, was theirs right; null: a judge gave no verdict. */
export interface AnswerPair {
  readonly domain: Domain;
  readonly ours: boolean | null;
  readonly theirs: boolean | null;
  /** Whether one of the verdicts is of a judge without a passport; left out: no. */
  readonly advice?: boolean;
}

/**
 * Pairs the answers of two models by question, in the order of ours.
 *
 * @throws RangeError when the other model was not asked one of the questions.
 */
export function pairAnswers(answers: readonly Answer[], theirs: readonly Answer[]): AnswerPair[] {
  const others = new Map(theirs.map((answer) => [answer.question_id, answer]));
  return answers.map(({ question_id, domain, correct, advice = false }) => {
    const other = others.get(question_id);
    if (other === undefined) throw new RangeError(`the model to compare with was never asked ${question_id}`);
    return { domain, ours: correct, theirs: other.correct, ...(advice || other.advice ? { advice: true } : {}) };
  });
}

/** A comparison over the questions that both answers have a verdict on. */
export interface Comparison extends PairedRatio {
  /** Questions that one of the answers has no verdict on. */
  readonly unmeasured: number;
}

/** What no pair says: every ratio is possible. */
const NOTHING: PairedRatio = { ratio: 0, interval: [0, Number.MAX_VALUE], ours: 0, theirs: 0, pairs: 0 };

/**
 * Right answers of ours as a multiple of theirs, in a domain or in all (`null`); null: there is no pair.
 *
 * @param comparisons - How many of them are judged together; see `pairedRatio`.
 */
export function compareIn(pairs: readonly AnswerPair[], domain: Domain | null, comparisons = 1): Comparison | null {
  const own = pairs.filter((pair) => domain === null || pair.domain === domain);
  if (own.length === 0) return null;
  const measured = own.flatMap(({ ours, theirs }): [boolean, boolean][] =>
    ours === null || theirs === null ? [] : [[ours, theirs]],
  );
  const compared = measured.length === 0 ? NOTHING : pairedRatio(measured, comparisons);
  return { ...compared, unmeasured: own.length - measured.length };
}
