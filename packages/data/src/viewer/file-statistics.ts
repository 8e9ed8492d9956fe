import type { DataFile } from './data-set.ts';
import { createIdIndex, type IdIndex } from './id-index.ts';
import { readBlocks } from './line-blocks.ts';
import { parseRow } from './parse-row.ts';
import { canonicalOf, FACETS, type Facet, facetValues, scoreOf } from './row-facets.ts';

/** Bins of a score histogram, each 1/20 wide. */
export const SCORE_BINS = 20;

/** Most values of a facet that are counted separately: a longer list would help nobody (chosen). */
const MAX_VALUES = 500;
/** Most canonical rows that are counted: about 200 MB of ids (chosen). */
const MAX_CANONICALS = 1_000_000;

/** Counts what exceeds the bounds above, and rows without a source in the histogram. */
export const OTHERS = '…';

/** Column statistics of a file, as far as it has been read. */
export interface FileStatistics {
  rows: number;
  unreadable: number;
  done: boolean;
  /** Why reading stopped before the end; null if it did not. */
  problem: string | null;
  readonly facets: Readonly<Record<Facet, Map<string, number>>>;
  /** Source to histogram of scores, `SCORE_BINS` counts each. */
  readonly scores: Map<string, Uint32Array>;
  /** Id of a canonical row to its number of duplicates. */
  readonly canonicals: Map<string, number>;
  readonly ids: IdIndex;
}

export function emptyStatistics(): FileStatistics {
  const facets = Object.fromEntries(FACETS.map((facet) => [facet, new Map()])) as FileStatistics['facets'];
  return {
    rows: 0,
    unreadable: 0,
    done: false,
    problem: null,
    facets,
    scores: new Map(),
    canonicals: new Map(),
    ids: createIdIndex(),
  };
}

/** Reads a file once and fills its statistics. @throws The signal's reason, or errors of the file system. */
export async function collectStatistics(file: DataFile, signal: AbortSignal): Promise<void> {
  const { statistics } = file;
  for await (const block of readBlocks(file.path, file.lines, 0)) {
    signal.throwIfAborted();
    for (let line = block.first; line < block.last; line++) {
      const { fields, unreadable } = parseRow(file, block, line);
      statistics.rows++;
      statistics.ids.add(typeof fields.question_id === 'string' ? fields.question_id : null);
      if (unreadable !== null) statistics.unreadable++;
      for (const facet of FACETS) {
        for (const value of facetValues(fields, facet)) count(statistics.facets[facet], value, MAX_VALUES);
      }
      const canonical = canonicalOf(fields);
      if (canonical !== null) count(statistics.canonicals, canonical, MAX_CANONICALS);
      const score = scoreOf(fields);
      if (score !== null) countScore(statistics.scores, facetValues(fields, 'source')[0] ?? OTHERS, score);
    }
  }
  statistics.done = true;
}

/** Counts sorted by frequency, then by name. */
export function ranked(counts: ReadonlyMap<string, number>): [name: string, count: number][] {
  return [...counts].sort(([left, mine], [right, theirs]) => theirs - mine || (left < right ? -1 : 1));
}

function count(counts: Map<string, number>, value: string, most: number): void {
  const name = counts.has(value) || counts.size < most ? value : OTHERS;
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function countScore(scores: Map<string, Uint32Array>, source: string, score: number): void {
  const name = scores.has(source) || scores.size < MAX_VALUES ? source : OTHERS;
  const bins = scores.get(name) ?? new Uint32Array(SCORE_BINS);
  const bin = Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));
  bins[bin] = (bins[bin] as number) + 1;
  scores.set(name, bins);
}
