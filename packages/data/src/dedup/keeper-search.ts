import { NONE } from './band-chains.ts';
import { BATCH, type Batch, exitPlace } from './batch.ts';
import { isShort, isSketched, SHORT } from './block-reader.ts';
import type { Catalogue } from './catalogue.ts';
import { firstEntry, nextEntry, type PrefixTables, textOfEntry } from './prefix-index.ts';
import { mostRarest, rarestShingles } from './rarest-shingles.ts';
import { RecordReader } from './record-reader.ts';
import { ShingleCounts } from './shingle-counts.ts';
import { Similarity } from './similarity.ts';
import { BANDS } from './sketch.ts';
import { VisitedSet } from './visited-set.ts';

/**
 * Keepers that are looked at on a chain of one band and under one shingle, the nearest in merit first: else every text of a
 * template would be compared with all others of it. Chains that tell texts apart are shorter (chosen).
 */
const MOST_ON_CHAIN = 32;
const MOST_UNDER_SHINGLE = 64;
/** More than twice as many as that can be: 16 chains, and 21 shingles at a threshold of a half. */
const VISITED_SLOTS = 2 ** 12;

/** Numbers of a record that are read from the file at once: few records are longer. */
const READ_AHEAD = 256;

/** One thread's search for the most similar keeper of one text after another. */
export class KeeperSearch {
  readonly #catalogue: Catalogue;
  readonly #batch: Batch;
  readonly #occurrences: ShingleCounts;
  readonly #records: RecordReader;
  readonly #measure: Similarity;
  readonly #visited = new VisitedSet(VISITED_SLOTS);
  readonly #mostRarest: number;

  constructor(catalogue: Catalogue, batch: Batch) {
    const { records, positions, counts, threshold } = catalogue;
    this.#catalogue = catalogue;
    this.#batch = batch;
    this.#occurrences = new ShingleCounts(catalogue.occurrences);
    this.#records = new RecordReader(records, READ_AHEAD);
    this.#measure = new Similarity(this.#records, positions, counts, threshold);
    this.#mostRarest = mostRarest(SHORT, threshold);
  }

  /**
   * Looks among the keepers before the batch that `text` is in. Texts of one batch do not hang on each other here.
   *
   * @param settled - Those keepers' rarest shingles.
   */
  before(text: number, settled: PrefixTables): void {
    const { counts, links, keeper, similarity, positions, threshold } = this.#catalogue;
    const { exits, rarest, rarestCounts } = this.#batch;
    const place = text % BATCH;
    const count = counts[text] as number;
    keeper[text] = text;
    similarity[text] = 0;
    this.#visited.clear();
    if (isShort(count)) {
      this.#records.seek(positions[text] as number, count);
      const { numbers, start } = this.#records;
      const at = place * this.#mostRarest;
      rarestCounts[place] = rarestShingles(numbers, start, count, this.#occurrences, threshold, rarest, at);
      this.#underRarest(text, settled);
    } else rarestCounts[place] = 0;
    if (!isSketched(count, threshold)) return;
    const exit = exitPlace(text);
    for (let band = 0; band < BANDS; band++) {
      let other = exits[exit + band] as number;
      // Links of settled texts lead to keepers.
      if (other !== NONE && keeper[other] !== other) other = links[other * BANDS + band] as number;
      exits[exit + band] = other;
      for (let step = 0; other !== NONE && step < MOST_ON_CHAIN; step++) {
        this.#meet(text, other);
        other = links[other * BANDS + band] as number;
      }
    }
  }

  /**
   * Looks among the keepers of the batch that are better than `text`, in the order of merit, after `before`; then it is
   * settled: its links lead to keepers, and it is one itself where none is similar enough.
   *
   * @param recent - Those keepers' rarest shingles.
   */
  inside(text: number, recent: PrefixTables): void {
    const { counts, links, keeper, similarity, threshold } = this.#catalogue;
    const { exits } = this.#batch;
    const first = text - (text % BATCH);
    this.#visited.clear();
    this.#underRarest(text, recent);
    if (isSketched(counts[text] as number, threshold)) {
      for (let band = 0; band < BANDS; band++) {
        let other = links[text * BANDS + band] as number;
        if (other === NONE) continue;
        if (other >= first && keeper[other] !== other) other = links[other * BANDS + band] as number;
        if (other < first) other = exits[exitPlace(text) + band] as number;
        links[text * BANDS + band] = other;
        for (let step = 0; other !== NONE && other >= first && step < MOST_ON_CHAIN; step++) {
          this.#meet(text, other);
          other = links[other * BANDS + band] as number;
        }
      }
    }
    if (keeper[text] === text) similarity[text] = 1;
  }

  close(): void {
    this.#records.close();
  }

  #underRarest(text: number, tables: PrefixTables): void {
    const { rarest, rarestCounts } = this.#batch;
    const place = text % BATCH;
    const from = place * this.#mostRarest;
    for (let at = from, end = from + (rarestCounts[place] as number); at < end; at++) {
      let entry = firstEntry(tables, rarest[at] as number);
      for (let step = 0; entry !== 0 && step < MOST_UNDER_SHINGLE; step++) {
        this.#meet(text, textOfEntry(tables, entry));
        entry = nextEntry(tables, entry);
      }
    }
  }

  /** Compares two texts unless they were; the most similar keeper counts, of several the best. */
  #meet(text: number, other: number): void {
    if (!this.#visited.add(other)) return;
    const { keeper, similarity } = this.#catalogue;
    const measured = Math.fround(this.#measure.between(text, other));
    const best = similarity[text] as number;
    if (measured > best || (measured === best && measured > 0 && other < (keeper[text] as number))) {
      keeper[text] = other;
      similarity[text] = measured;
    }
  }
}
