import type { Domain, Gate } from '@cogumi/contracts';
import { adviseWithoutPassport, binding } from '../../advice-gate.ts';
import { failWithoutVerdicts } from '../../fail-without-verdicts.ts';
import { judgeGate } from '../../judge-gate.ts';
import { type AnswerPair, compareIn } from '../../pair-answers.ts';
import type { EvaluateStageOptions } from './options.ts';

/** One gate for each goal: the right answers as a multiple of those of another model on the same questions. */
export function goalGates(pairs: readonly AnswerPair[], goals: EvaluateStageOptions['goals']): Gate[] {
  return goals.map(({ domain, ratio, proven = false, guard = false }): Gate => {
    const own = domain === null ? binding(pairs) : pairs.filter((pair) => pair.domain === domain);
    const found = compareIn(own, domain) ?? { ratio: 0, interval: null, ours: 0, theirs: 0, pairs: 0, unmeasured: 0 };
    const nothingRight = found.ours + found.theirs === 0;
    // A model of which only a loss is feared has none where nothing was right; a modifier has to gain something.
    const nothingToLose = nothingRight && domain === null && ratio <= 1;
    const gate = judgeGate({
      name: goalGateName(domain),
      criterion: `Right answers as a multiple of those of the model it is compared with (${domain ?? 'all domains'})`,
      bound: 'at-least',
      threshold: ratio,
      measured: found.ratio,
      interval: found.interval,
      items: nothingToLose ? 0 : found.pairs,
      nothing:
        found.pairs > 0 ? `nothing can fall from 0 of ${found.pairs}` : 'nothing to measure: no question was asked',
      unit: 'ratio',
      guard,
      evidence: `answers.jsonl: ${found.ours} right, the other ${found.theirs}, of the same ${found.pairs} questions; score interval of paired proportions`,
      advice: 'More or better training data for this domain, or more steps; if inconclusive, more held-out questions.',
    });
    const unclear = gate.verdict !== 'skipped' && nothingRight;
    const judged = failWithoutVerdicts(unclear ? { ...gate, verdict: 'inconclusive' } : gate, found);
    const decided: Gate = proven && judged.verdict === 'inconclusive' ? { ...judged, verdict: 'fail' } : judged;
    return adviseWithoutPassport(decided, own);
  });
}

/** @param domain - null: all domains together. */
export function goalGateName(domain: Domain | null): string {
  return `against-${domain ?? 'all'}`;
}
