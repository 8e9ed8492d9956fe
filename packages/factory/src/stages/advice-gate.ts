import type { Gate } from '@cogumi/contracts';
import type { AnswerPair } from './pair-answers.ts';

/** What a gate over all domains goes by: verdicts of judges without a passport count only where there are no others. */
export function binding(pairs: readonly AnswerPair[]): readonly AnswerPair[] {
  const counted = pairs.filter(({ advice }) => !advice);
  return counted.length > 0 ? counted : pairs;
}

/**
 * Makes a gate advice where a judge without a passport decided: it blocks nothing, whatever was found, and says so.
 *
 * @param pairs - What the gate was measured on.
 */
export function adviseWithoutPassport(gate: Gate, pairs: readonly AnswerPair[]): Gate {
  const judged = pairs.filter(({ advice }) => advice).length;
  if (judged === 0 || gate.verdict === 'skipped') return gate;
  return {
    ...gate,
    guard: true,
    verdict: 'inconclusive',
    evidence: `${gate.evidence}; advice (would be ${gate.verdict}): the judge of ${judged} of ${pairs.length} answers holds no passport`,
    advice:
      'Name `labels` in the checker of the domain, or run `cogumi judge`: a judge that agrees with people may block.',
  };
}
