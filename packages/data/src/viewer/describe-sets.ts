import type { DataFile, DataSet } from './data-set.ts';
import { type FileStatistics, ranked } from './file-statistics.ts';
import { FACETS } from './row-facets.ts';

/** Values of a facet that the page offers, the most frequent first, and sources with a histogram (chosen). */
const SHOWN_VALUES = 60;
const SHOWN_SOURCES = 8;

/** The stages with their files, counts and reading progress. */
export function describeSets(sets: readonly DataSet[]) {
  return sets.map(({ name, manifest, files }) => ({
    name,
    stage: manifest && { stage: manifest.stage, facts: manifest.facts, gates: manifest.gates },
    files: files.map(describeFile),
  }));
}

function describeFile({ name, role, lines, statistics }: DataFile) {
  return {
    name,
    role,
    bytes: lines.fileBytes,
    rows: lines.count,
    /** Share of the file, 0..1, whose lines have been found. */
    indexed: lines.fileBytes === 0 ? 1 : lines.readBytes / lines.fileBytes,
    counted: statistics.rows,
    done: statistics.done || statistics.problem !== null,
    problem: statistics.problem,
    unreadable: statistics.unreadable,
    clusters: statistics.canonicals.size,
  };
}

/** Statistics of one file, as far as it has been read. */
export function describeStatistics(statistics: FileStatistics) {
  const facets = FACETS.map((facet) => {
    const all = ranked(statistics.facets[facet]);
    return { facet, values: all.slice(0, SHOWN_VALUES), others: all.length - Math.min(all.length, SHOWN_VALUES) };
  });
  const sum = (bins: Uint32Array) => bins.reduce((total, count) => total + count, 0);
  const scores = [...statistics.scores].map(([source, bins]) => ({ source, rows: sum(bins), bins: [...bins] }));
  scores.sort((left, right) => right.rows - left.rows || (left.source < right.source ? -1 : 1));
  return { rows: statistics.rows, done: statistics.done, facets, scores: scores.slice(0, SHOWN_SOURCES) };
}
