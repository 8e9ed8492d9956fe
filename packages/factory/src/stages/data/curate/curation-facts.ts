import { BUILT_IN_DOMAINS } from '@cogumi/contracts';
import type { ScoreTable } from './score-table.ts';
import { OUTCOMES, type Outcome } from './select-rows.ts';

/** Bins of the score histogram: the first counts 0 to 0.1, the last 0.9 to 1. */
const BINS = 10;

type SourceFacts = {
  read: number;
  kept: number;
  rejected: number;
  reasons: Record<string, number>;
  histogram: number[];
};

/** Counts for the report: by source rows read, kept and rejected by reason, and a score histogram; domains before and after. */
export function curationFacts(table: ScoreTable, outcomes: Uint8Array) {
  const bySource = new Map<string, SourceFacts>();
  const names = [...BUILT_IN_DOMAINS, 'none'];
  const domains = { before: zeros(names), after: zeros(names) };
  let kept = 0;
  for (let at = 0; at < table.rows; at++) {
    const outcome = OUTCOMES[outcomes[at] as number] as Outcome;
    const source = table.source(at);
    const facts = bySource.get(source) ?? noFacts();
    bySource.set(source, facts);
    const domain = table.domain(at) ?? 'none';
    const bin = Math.min(BINS - 1, Math.floor(table.score(at) * BINS));
    facts.read++;
    facts.histogram[bin] = (facts.histogram[bin] ?? 0) + 1;
    addTo(domains.before, domain);
    if (outcome === 'kept') {
      kept++;
      facts.kept++;
      addTo(domains.after, domain);
    } else {
      facts.rejected++;
      facts.reasons[outcome] = (facts.reasons[outcome] ?? 0) + 1;
    }
  }
  return {
    rows: kept,
    rejected: table.rows - kept,
    bySource: Object.fromEntries(bySource),
    domains: { before: Object.fromEntries(domains.before), after: Object.fromEntries(domains.after) },
  };
}

const noFacts = (): SourceFacts => ({ read: 0, kept: 0, rejected: 0, reasons: {}, histogram: Array(BINS).fill(0) });
/** By names that others chose: `constructor` is one like any other. */
type Counts = Map<string, number>;
const zeros = (names: readonly string[]): Counts => new Map(names.map((name) => [name, 0]));
const addTo = (counts: Counts, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
