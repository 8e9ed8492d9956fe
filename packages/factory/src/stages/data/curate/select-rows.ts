import { CogumiError, type Domain } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import type { CurateOptions } from './options.ts';
import type { ScoreTable } from './score-table.ts';

/** `kept`, or the reason for which a row is rejected. */
export const OUTCOMES = ['kept', 'language', 'score', 'take', 'mix'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const [KEPT, LANGUAGE, SCORE, TAKE, MIX] = [0, 1, 2, 3, 4];

/**
 * Selects rows: by language, by score, the best of each source, then the mix. The selection does not depend on the order of
 * the rows.
 *
 * @returns For each row its index in `OUTCOMES`.
 * @throws CogumiError SOURCE_UNKNOWN; MIX_IMPOSSIBLE when a domain of the mix has no row.
 */
export function selectRows(table: ScoreTable, options: CurateOptions): Uint8Array {
  refuseUnknown(table.sources, Object.keys(options.sources));
  const outcomes = new Uint8Array(table.rows);
  const isWhole = (at: number) => options.sources[table.source(at)]?.whole === true;
  for (let at = 0; at < table.rows; at++) {
    if (isWhole(at)) continue;
    const language = table.language(at);
    if (language !== null && !options.languages.includes(language)) outcomes[at] = LANGUAGE;
    else if (table.score(at) < options.minScore) outcomes[at] = SCORE;
  }
  for (const [source, { take }] of Object.entries(options.sources)) {
    if (take !== null) keepBest(table, outcomes, (at) => table.source(at) === source, take, TAKE);
  }
  if (options.mix !== null) balance(table, outcomes, options.mix, isWhole);
  return outcomes;
}

/** Among the kept rows for which `belongs` holds, gives all but the best `count` this outcome. */
function keepBest(
  table: ScoreTable,
  outcomes: Uint8Array,
  belongs: (at: number) => boolean,
  count: number,
  outcome: number,
): void {
  const own: number[] = [];
  for (let at = 0; at < table.rows; at++) if (outcomes[at] === KEPT && belongs(at)) own.push(at);
  if (own.length <= count) return;
  for (const at of Uint32Array.from(own).sort(table.compare).subarray(count)) outcomes[at] = outcome;
}

/** Keeps the largest set with the proportions of the mix; rows of other domains or without one are rejected. */
function balance(
  table: ScoreTable,
  outcomes: Uint8Array,
  mix: NonNullable<CurateOptions['mix']>,
  isWhole: (at: number) => boolean,
): void {
  const shares = Object.entries(mix) as [Domain, number][];
  const counts = new Map(shares.map(([domain]) => [domain, { all: 0, whole: 0 }]));
  for (let at = 0; at < table.rows; at++) {
    if (outcomes[at] !== KEPT) continue;
    const domain = table.domain(at);
    const own = domain === null ? undefined : counts.get(domain);
    if (own !== undefined) {
      own.all++;
      if (isWhole(at)) own.whole++;
    } else if (!isWhole(at)) outcomes[at] = MIX;
  }
  const missing = shares.filter(([domain]) => counts.get(domain)?.all === 0).map(([domain]) => domain);
  if (missing.length > 0) {
    throw new CogumiError(
      'MIX_IMPOSSIBLE',
      `curate.mix asks for ${missing.join(', ')}, but none of the ${table.rows} rows that pass has that domain: the mix would be empty.`,
      'Remove the domain from `curate.mix`, add a source that has it, or lower `curate.minScore`.',
    );
  }
  const unit = Math.min(...shares.map(([domain, share]) => (counts.get(domain)?.all ?? 0) / share));
  for (const [domain, share] of shares) {
    // Corrects the rounding error of the division: 3 / 0.1 * 0.1 is below 3.
    const wanted = Math.floor(unit * share + 1e-9);
    const free = Math.max(0, wanted - (counts.get(domain)?.whole ?? 0));
    keepBest(table, outcomes, (at) => table.domain(at) === domain && !isWhole(at), free, MIX);
  }
}

function refuseUnknown(known: readonly string[], named: readonly string[]): void {
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const meant = unknown.map((name) => nearest(name, known)).filter((name) => name !== null);
  throw new CogumiError(
    'SOURCE_UNKNOWN',
    `curate.sources names ${unknown.join(', ')}; the sources of the rows are ${known.join(', ') || 'none: there are no rows'}.`,
    meant.length > 0 ? `Did you mean ${meant.join(', ')}?` : 'Use the source name that `import` gives its rows.',
  );
}
