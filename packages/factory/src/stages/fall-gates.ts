import type { Gate } from '@cogumi/contracts';
import { failWithoutVerdicts } from './fail-without-verdicts.ts';
import { judgeGate } from './judge-gate.ts';
import { type AnswerPair, compareIn } from './pair-answers.ts';

/** Names of these gates, as a stage declares them. */
export const FALL_GATES = 'no-fall-*';

/**
 * A guard for each domain: it fails when fewer answers are right than the other model's for certain, by an interval of the ratio
 * that is wide enough for all domains to hold together with 95%. Of eight honest comparisons one would fail by chance too often. A fall that chance explains is `inconclusive`. Where the other model has no right answer, nothing can fall.
 *
 * @param advice - What to try against a fall.
 */
export function fallGates(pairs: readonly AnswerPair[], advice: string): Gate[] {
  const domains = [...new Set(pairs.map(({ domain }) => domain))];
  return domains.map((domain) => {
    const found = compareIn(pairs, domain, domains.length)!;
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
      evidence: `${found.ours} right, before ${found.theirs}, of the same ${found.pairs} questions; score interval of paired proportions, at 95% for all ${domains.length} domains together`,
      advice,
    });
    return failWithoutVerdicts(gate, found);
  });
}
