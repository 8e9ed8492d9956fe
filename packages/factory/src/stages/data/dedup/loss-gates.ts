import type { Gate } from '@cogumi/contracts';
import { judgeGate } from '../../judge-gate.ts';
import type { SourceTally } from './tally-sources.ts';

/** Fewest rows of a source with a gate of its own: for fewer a share says little, and a folder may have thousands of sources (chosen). */
const MIN_ROWS = 100;

/**
 * Gates on the share of rows that each source loses; sources of fewer than 100 rows are judged together. All rows are
 * counted, so there is no interval.
 *
 * @param mostLost - Largest share of rows, 0..1, that a source may lose.
 */
export function lossGates(bySource: Readonly<Record<string, SourceTally>>, mostLost: number): Gate[] {
  const sources = Object.entries(bySource);
  const small = sources.filter(([, { read }]) => read < MIN_ROWS).map(([, tally]) => tally);
  const gates = sources
    .filter(([, { read }]) => read >= MIN_ROWS)
    .map(([source, tally]) => lossGate(`loss-${source}`, source, tally, mostLost));
  if (small.length === 0) return gates;
  const sum = (of: 'read' | 'exact' | 'near') => small.reduce((total, tally) => total + tally[of], 0);
  const all = { read: sum('read'), exact: sum('exact'), near: sum('near') };
  const what = `the ${small.length} sources with fewer than ${MIN_ROWS} rows`;
  // No other gate can have this name: they begin with `loss-`.
  return [...gates, lossGate('small-sources-loss', what, all, mostLost)];
}

function lossGate(
  name: string,
  what: string,
  { read, exact, near }: Pick<SourceTally, 'read' | 'exact' | 'near'>,
  mostLost: number,
): Gate {
  const rejected = exact + near;
  return judgeGate({
    name,
    criterion: `No larger share of the rows of ${what} is duplicate than in a clean set`,
    bound: 'at-most',
    threshold: mostLost,
    measured: rejected / read,
    items: read,
    unit: 'share of rows',
    evidence: `rejected.jsonl: ${rejected} of ${read} rows (${exact} exact, ${near} near), each with its canonical row and their similarity`,
    advice:
      'See rejected.jsonl: do all rows share a template, or is the set listed twice? If the loss is right, raise `dedup.mostLost`.',
  });
}
