import type { Answer, Domain, Gate } from '@cogumi/contracts';
import { judgeAtLeast, pairedRatio } from '@cogumi/pure';
import type { EvaluateStageOptions } from './options.ts';

/**
 * One gate for each goal: the right answers as a multiple of those of another model on the same questions.
 *
 * @param theirs - Answers of the other model.
 * @throws RangeError when the other model was not asked one of the questions.
 */
export function goalGates(
  answers: readonly Answer[],
  theirs: readonly Answer[],
  goals: EvaluateStageOptions['goals'],
): Gate[] {
  if (goals.length === 0) return [];
  const right = new Map(theirs.map(({ question_id, correct }) => [question_id, correct]));
  const missing = answers.find(({ question_id }) => !right.has(question_id));
  if (missing) throw new RangeError(`the model to compare with was never asked ${missing.question_id}`);
  return goals.map(({ domain, ratio }): Gate => {
    const pairs = answers
      .filter((answer) => domain === null || answer.domain === domain)
      .map((answer): [boolean, boolean] => [answer.correct, right.get(answer.question_id) as boolean]);
    const measured = pairedRatio(pairs);
    return {
      name: goalGateName(domain),
      criterion: `Right answers as a multiple of those of the model it is compared with (${domain ?? 'all domains'})`,
      bound: 'at-least',
      threshold: ratio,
      measured: measured.ratio,
      interval: measured.interval,
      unit: 'ratio',
      evidence: `answers.jsonl: ${measured.ours} right, the other ${measured.theirs}, of the same ${measured.pairs} questions; score interval of paired proportions`,
      // If neither model has a right answer, there is nothing to compare.
      verdict:
        measured.ours + measured.theirs === 0 ? 'inconclusive' : judgeAtLeast(ratio, measured.ratio, measured.interval),
      advice: 'More or better training data for this domain, or more steps; if inconclusive, more held-out questions.',
    };
  });
}

/** @param domain - null: all domains together. */
export function goalGateName(domain: Domain | null): string {
  return `against-${domain ?? 'all'}`;
}
