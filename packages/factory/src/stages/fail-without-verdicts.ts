import type { Gate } from '@cogumi/contracts';
import type { Comparison } from './pair-answers.ts';

/** Largest share of questions without a verdict with which a comparison says anything (chosen). */
const MOST_UNMEASURED = 0.1;

/**
 * Names in a gate's evidence how many questions a judge gave no verdict on.
 *
 * @returns The gate; failed where those are too many, however good the others are.
 */
export function failWithoutVerdicts(gate: Gate, { pairs, unmeasured }: Pick<Comparison, 'pairs' | 'unmeasured'>): Gate {
  if (unmeasured === 0) return gate;
  const asked = pairs + unmeasured;
  const evidence = `${gate.evidence}; ${unmeasured} of ${asked} questions have no verdict of the teacher that judges`;
  if (unmeasured <= asked * MOST_UNMEASURED) return { ...gate, evidence };
  const advice =
    'The teacher that judges gave too few verdicts: name another `teacher` for the checker; answers.jsonl has the reasons.';
  return { ...gate, evidence, verdict: 'fail', advice };
}
