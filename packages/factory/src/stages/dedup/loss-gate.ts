import type { Gate } from '@cogumi/contracts';
import type { SourceTally } from './tally.ts';

/** Whether a source keeps as much as a clean one does. All of it is counted, so there is no interval. */
export function lossGate(source: string, { rows, exact, near }: SourceTally, mostLost: number): Gate {
  const removed = exact + near;
  return {
    name: `loss-${source}`,
    criterion: `${source} loses no more of its rows than a set that is clean`,
    bound: 'at-most',
    threshold: mostLost,
    measured: removed / rows,
    interval: null,
    unit: 'share of rows',
    evidence: `removed.jsonl: ${removed} of ${rows} rows (${exact} exact, ${near} near), each with its keeper and their similarity`,
    verdict: removed / rows <= mostLost ? 'pass' : 'fail',
    advice:
      'Look at removed.jsonl: a template that all rows share, or a set that stands twice? Else raise `dedup.mostLost`.',
  };
}
