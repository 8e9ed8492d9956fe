import type { Gate } from '@cogumi/contracts';
import type { SourceTally } from './tally.ts';

/** Rows from which on a source is judged by itself: of fewer a share says little, and sets of files may be thousands (chosen). */
const LEAST_ROWS = 100;

/**
 * Whether each source keeps as much as a clean one does; those of fewer than 100 rows are judged together. All of it is
 * counted, so there is no interval.
 *
 * @param mostLost - Share of rows, 0..1.
 */
export function lossGates(bySource: Readonly<Record<string, SourceTally>>, mostLost: number): Gate[] {
  const sources = Object.entries(bySource);
  const small = sources.filter(([, { rows }]) => rows < LEAST_ROWS).map(([, tally]) => tally);
  const gates = sources
    .filter(([, { rows }]) => rows >= LEAST_ROWS)
    .map(([source, tally]) => lossGate(`loss-${source}`, source, tally, mostLost));
  if (small.length === 0) return gates;
  const sum = (of: 'rows' | 'exact' | 'near') => small.reduce((total, tally) => total + tally[of], 0);
  const all = { rows: sum('rows'), exact: sum('exact'), near: sum('near') };
  const what = `What comes of sources with fewer than ${LEAST_ROWS} rows (${small.length} of them)`;
  // No source can have this name: those of the others begin with `loss-`.
  return [...gates, lossGate('small-sources-loss', what, all, mostLost)];
}

function lossGate(
  name: string,
  what: string,
  { rows, exact, near }: Pick<SourceTally, 'rows' | 'exact' | 'near'>,
  mostLost: number,
): Gate {
  const removed = exact + near;
  return {
    name,
    criterion: `${what} loses no more of its rows than a set that is clean`,
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
