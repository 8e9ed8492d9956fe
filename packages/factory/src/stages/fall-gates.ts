import type { Gate } from '@cogumi/contracts';
import { failWithoutVerdicts } from './fail-without-verdicts.ts';
import { judgeGate } from './judge-gate.ts';
import { type AnswerPair, compareIn } from './pair-answers.ts';

/** Names of these gates, as a stage declares them. */
export const FALL_GATES = 'no-fall-*';

/**
 * A guard for each domain: it fails when fewer answers are right than the other model's for certain, by the 95% interval of the
 * ratio. A fall that chance explains is `inconclusive`. Where the other model has no right answer, nothing can fall.
 *
 * @param advice - What to try against a fall.
 */
export function fallGates(pairs: readonly AnswerPair[], advice: string): Gate[] {
  return [...new Set(pairs.map(({ domain }) => domain))].map((domain) => {
    const found = compareIn(pairs, domain)!;
    const gate = judgeGate({
      name: `no-fall-${domain}`,
      criterion: `Not fewer right answers than the start model (${domain})`,
      bound: 'at-least',
      threshold: 1,
      measured: found.ratio,
      interval: found.interval,
      items: found.theirs,
      guard: true,
      unit: 'ratio',
      evidence: `${found.ours} right, before ${found.theirs}, of the same ${found.pairs} questions; score interval of paired proportions`,
      advice,
    });
    return failWithoutVerdicts(gate, found);
  });
}
