import type { Domain, Gate } from '@cogumi/contracts';
import { leastProvableLoss } from '@cogumi/pure';
import { adviseWithoutPassport } from './advice-gate.ts';
import { failWithoutVerdicts } from './fail-without-verdicts.ts';
import { judgeGate } from './judge-gate.ts';
import { type AnswerPair, type Comparison, compareIn } from './pair-answers.ts';

/** Names of these gates, as a stage declares them. */
export const FALL_GATES = 'no-fall-*';

interface Against {
  /** What to try against a fall. */
  readonly advice: string;
  /** The other model, in words. */
  readonly other?: string;
  /** Stands between `no-fall-` and the domain. */
  readonly prefix?: string;
  /** Domains in which both models are one: its answers cannot fall below themselves. */
  readonly same?: ReadonlySet<Domain>;
}

/**
 * A guard for each domain: it fails when fewer answers are right than the other model's for certain, by an interval of the ratio
 * that is wide enough for all domains that can fall to hold together with 95%. Of eight honest comparisons one would fail by chance too often. A fall
 * that chance explains is `inconclusive`. A guard that could not have failed is `skipped` rather than passed: where the other
 * model has no right answer, or so few that the loss of all could be chance.
 */
export function fallGates(pairs: readonly AnswerPair[], against: Against): Gate[] {
  const { advice, other = 'the start model', prefix = '', same = new Set() } = against;
  const domains = [...new Set(pairs.map(({ domain }) => domain))];
  // A guard that cannot fail raises no false alarm, and makes no other one wider.
  const able = domains.filter((domain) => !same.has(domain) && (compareIn(pairs, domain)?.theirs ?? 0) > 0).length;
  const together = Math.max(1, able);
  const least = leastProvableLoss(together);
  return domains.map((domain) => {
    const found = compareIn(pairs, domain, together)!;
    const nothing = same.has(domain)
      ? `nothing can fall: ${other} itself answers, ${found.theirs} of ${found.pairs} right`
      : whyNothingFalls(found, least);
    const gate = judgeGate({
      name: `no-fall-${prefix}${domain}`,
      criterion: `Not fewer right answers than ${other} (${domain})`,
      bound: 'at-least',
      threshold: 1,
      measured: found.ratio,
      interval: found.interval,
      items: nothing === null ? found.pairs : 0,
      nothing: nothing ?? undefined,
      guard: true,
      unit: 'ratio',
      evidence: `${found.ours} right, ${other} ${found.theirs}, of the same ${found.pairs} questions; score interval of paired proportions, at 95% for ${together === 1 ? 'this guard' : `all ${together} guards that can fail together`}; a loss of ${least} or more would be told`,
      advice,
    });
    return adviseWithoutPassport(
      failWithoutVerdicts(gate, found),
      pairs.filter((pair) => pair.domain === domain),
    );
  });
}

/** Why a guard cannot fail; null where it can, or where it shows a fall that it cannot prove. */
function whyNothingFalls({ ours, theirs, pairs }: Comparison, least: number): string | null {
  if (pairs === 0) return 'nothing to measure: no question has a verdict on both answers';
  if (theirs === 0) return `nothing can fall from 0 of ${pairs}`;
  if (theirs >= least || ours < theirs) return null;
  return `no fall could be told: ${ours} right, before ${theirs}, of ${pairs}; it takes the loss of ${least}`;
}
