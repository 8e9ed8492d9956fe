import { BloomFilter } from './bloom-filter.ts';
import type { Benchmark, Contamination } from './contamination.ts';
import { joinHashes, RUN, scanRuns } from './scan-runs.ts';

/**
 * A run that occurs in more items of its benchmark than this is a template ("The following paragraphs each describe a set of five
 * objects") and does not count (chosen; in MMLU up to five items share a passage).
 */
const MAX_ITEMS = 5;

/** Share of an item's own words at which a text counts as contaminated (Lambert et al. 2024: half). */
const MIN_OVERLAP = 0.5;
/** And at least this many of its words, or all it has: one run of eight is often an idiom ("which of the following is true about"). */
const MIN_COVERED = 10;
/** Characters of a script without spaces that say about as much as a word (chosen; Chinese words have 1.5 to 2). */
const CHARACTERS_A_WORD = 2;

/** Finds test items of benchmarks in training texts. */
export interface ContaminationIndex {
  /** The item with the largest overlap, at least half of its words; null if there is none. */
  findContamination(text: string): Contamination | null;
  /** By benchmark, the number of items that are only template or have under four words: at most the whole item is found. */
  readonly unjudged: Readonly<Record<string, number>>;
}

/** Position of a run in an item. */
interface Place {
  readonly item: number;
  readonly at: number;
}

interface Item {
  readonly benchmark: string;
  readonly item: number;
  /** Words covered by runs that are not templates. */
  readonly words: number;
  /** How many of them a text must contain at least. */
  readonly least: number;
}

/**
 * @param benchmarks - Names must differ.
 * @returns An index of about 200 bytes a word of the items.
 */
export function indexBenchmarks(benchmarks: readonly Benchmark[]): ContaminationIndex {
  const items: Item[] = [];
  const places = new Map<number, Place[]>();
  const lines = new Map<number, number>();
  const unjudged: Record<string, number> = {};
  for (const { name, items: texts } of benchmarks) {
    const read = texts.map(readHashes);
    const runCounts = countItems(read.map((one) => one.runs));
    const lineCounts = countItems(read.map((one) => one.lines));
    let skipped = 0;
    for (const [item, { words, ideographs, runs, lines: own }] of read.entries()) {
      const covered = new Uint8Array(words);
      for (const [at, run] of runs.entries()) {
        if ((runCounts.get(run) ?? 0) > MAX_ITEMS) continue;
        covered.fill(1, at, at + RUN);
        const known = places.get(run);
        if (known === undefined) places.set(run, [{ item: items.length, at }]);
        else known.push({ item: items.length, at });
      }
      const line = own.length === 1 ? (own[0] as number) : null;
      const single = line !== null && (lineCounts.get(line) ?? 0) <= MAX_ITEMS;
      if (single) lines.set(line, items.length);
      const ownWords = covered.reduce((sum, bit) => sum + bit, 0);
      if (ownWords === 0 && !single) skipped++;
      const size = 1 + ((CHARACTERS_A_WORD - 1) * ideographs) / Math.max(1, words);
      items.push({ benchmark: name, item, words: ownWords, least: Math.min(ownWords, Math.round(MIN_COVERED * size)) });
    }
    unjudged[name] = skipped;
  }
  const filter = new BloomFilter(places.size + lines.size);
  for (const hash of [...places.keys(), ...lines.keys()]) filter.add(hash % 2 ** 32);

  function findContamination(text: string): Contamination | null {
    let whole: number | undefined;
    // A run counts once however often the text repeats it: an item may repeat it as often.
    const runs = new Set<number>();
    scanRuns(
      text,
      (low, high) => {
        if (!filter.mayHave(low)) return;
        const run = joinHashes(low, high);
        if (places.has(run)) runs.add(run);
      },
      (low, high) => {
        if (filter.mayHave(low)) whole ??= lines.get(joinHashes(low, high));
      },
    );
    if (whole !== undefined) return { ...nameOf(whole), overlap: 1 };
    if (runs.size === 0) return null;
    const covered = new Map<number, Set<number>>();
    for (const run of runs) cover(covered, places.get(run) ?? []);
    return bestOf(covered);
  }

  function bestOf(covered: ReadonlyMap<number, ReadonlySet<number>>): Contamination | null {
    let best: Contamination | null = null;
    for (const [place, words] of covered) {
      const { words: own, least } = items[place] as Item;
      const overlap = words.size / own;
      if (overlap < MIN_OVERLAP || words.size < least) continue;
      if (overlap > (best?.overlap ?? 0)) best = { ...nameOf(place), overlap };
    }
    return best;
  }

  function nameOf(place: number): Pick<Contamination, 'benchmark' | 'item'> {
    const { benchmark, item } = items[place] as Item;
    return { benchmark, item };
  }

  return { findContamination, unjudged };
}

/** Adds the words that a run covers to each item that has the run. */
function cover(covered: Map<number, Set<number>>, found: readonly Place[]): void {
  for (const { item, at } of found) {
    const words = covered.get(item) ?? new Set();
    covered.set(item, words);
    for (let word = at; word < at + RUN; word++) words.add(word);
  }
}

function readHashes(text: string) {
  const runs: number[] = [];
  const lines: number[] = [];
  const counts = scanRuns(
    text,
    (low, high) => runs.push(joinHashes(low, high)),
    (low, high) => lines.push(joinHashes(low, high)),
  );
  return { ...counts, runs, lines };
}

/** For each hash, the number of lists that contain it. */
function countItems(lists: readonly (readonly number[])[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const list of lists) for (const hash of new Set(list)) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}
