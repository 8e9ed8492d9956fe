import { type Gate, gateId } from '@cogumi/contracts';

/** What one node of the evidence found; null: it did not run, because something before it failed or had nothing to do. */
export type Evidence = { readonly gates: readonly Gate[] } | null;

/**
 * Why a candidate is not proven; empty when it is. A guard that cannot tell, or had nothing to measure, is no reason.
 *
 * @param evidence - By node id, every node that has to prove the candidate.
 * @param accepted - Gates that count as passed whatever they found: `<node>/<gate>`, or `*` for all.
 * @returns A reason a gate, as `evaluate.prune/against-all is fail: 0.91 [0.88, 0.94], expected at least 0.97`.
 */
export function judgeCandidate(evidence: ReadonlyMap<string, Evidence>, accepted: readonly string[]): string[] {
  return [...evidence].flatMap(([node, found]) => {
    if (found === null) return [`${node} did not run`];
    return found.gates.flatMap((gate) => {
      const { verdict, measured, interval, bound, threshold } = gate;
      const id = gateId(node, gate);
      const proven = verdict === 'pass' || (gate.guard && verdict !== 'fail');
      if (proven || accepted.includes('*') || accepted.includes(id)) return [];
      if (verdict === 'skipped') return [`${id} is skipped: there was nothing to measure`];
      const range = interval ? ` [${interval.map(round).join(', ')}]` : '';
      return [
        `${id} is ${verdict}: ${round(measured)}${range}, expected ${bound.replace('-', ' ')} ${round(threshold)}`,
      ];
    });
  });
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
