import { type AssignmentBatch, BATCH_TEXTS, boundaryOffset } from './assignment-batch.ts';
import { NONE } from './band-linker.ts';
import { isShort, needsSketch, SHORT } from './block-reader.ts';
import type { CandidateIndex } from './candidate-index.ts';
import { firstEntry, nextEntry, type PrefixTables, textOfEntry } from './prefix-index.ts';
import { prefixLength, prefixShingles } from './prefix-shingles.ts';
import { RecordReader } from './record-reader.ts';
import { ShingleCounts } from './shingle-counts.ts';
import { Similarity } from './similarity.ts';
import { BANDS } from './sketch.ts';
import { VisitedSet } from './visited-set.ts';

/**
 * Most canonical texts compared on the chain of one band and under one shingle, the nearest in priority first. Without a
 * bound every text made from a template would be compared with all others made from it. Chains of selective bands are
 * shorter (chosen).
 */
const MAX_ON_CHAIN = 32;
const MAX_UNDER_SHINGLE = 64;
/** More than twice the most that can be visited: 16 chains, and 21 shingles at threshold 0.5. */
const VISITED_SLOTS = 2 ** 12;

/** Numbers read from the file at once: few records are longer (chosen). */
const READ_AHEAD = 256;

/** One thread's search for the most similar canonical text of one text after another. */
export class CanonicalSearch {
  readonly #index: CandidateIndex;
  readonly #batch: AssignmentBatch;
  readonly #occurrences: ShingleCounts;
  readonly #records: RecordReader;
  readonly #measure: Similarity;
  readonly #visited = new VisitedSet(VISITED_SLOTS);
  readonly #prefixLength: number;

  constructor(index: CandidateIndex, batch: AssignmentBatch) {
    const { records, positions, counts, threshold } = index;
    this.#index = index;
    this.#batch = batch;
    this.#occurrences = new ShingleCounts(index.occurrences);
    this.#records = new RecordReader(records, READ_AHEAD);
    this.#measure = new Similarity(this.#records, positions, counts, threshold);
    this.#prefixLength = prefixLength(SHORT, threshold);
  }

  /**
   * Searches the canonical texts of earlier batches. Texts of one batch do not depend on each other here.
   *
   * @param assigned - Prefix shingles of those canonical texts.
   */
  searchEarlier(text: number, assigned: PrefixTables): void {
    const { counts, links, canonical, similarity, positions, threshold } = this.#index;
    const { boundaries, prefixes, prefixCounts } = this.#batch;
    const place = text % BATCH_TEXTS;
    const count = counts[text] as number;
    canonical[text] = text;
    similarity[text] = 0;
    this.#visited.clear();
    if (isShort(count)) {
      this.#records.seek(positions[text] as number, count);
      const { numbers, start } = this.#records;
      const at = place * this.#prefixLength;
      prefixCounts[place] = prefixShingles(numbers, start, count, this.#occurrences, threshold, prefixes, at);
      this.#searchByPrefix(text, assigned);
    } else prefixCounts[place] = 0;
    if (!needsSketch(count, threshold)) return;
    const offset = boundaryOffset(text);
    for (let band = 0; band < BANDS; band++) {
      let other = boundaries[offset + band] as number;
      // Links of assigned texts lead to canonical texts.
      if (other !== NONE && canonical[other] !== other) other = links[other * BANDS + band] as number;
      boundaries[offset + band] = other;
      for (let step = 0; other !== NONE && step < MAX_ON_CHAIN; step++) {
        this.#compare(text, other);
        other = links[other * BANDS + band] as number;
      }
    }
  }

  /**
   * Searches the canonical texts of the batch that have a higher priority, then assigns `text`: its links lead to canonical
   * texts, and it becomes canonical itself if none is similar enough. Call it in order of priority, after `searchEarlier`.
   *
   * @param recent - Prefix shingles of those canonical texts.
   */
  assignWithinBatch(text: number, recent: PrefixTables): void {
    const { counts, links, canonical, similarity, threshold } = this.#index;
    const { boundaries } = this.#batch;
    const first = text - (text % BATCH_TEXTS);
    this.#visited.clear();
    this.#searchByPrefix(text, recent);
    if (needsSketch(counts[text] as number, threshold)) {
      for (let band = 0; band < BANDS; band++) {
        let other = links[text * BANDS + band] as number;
        if (other === NONE) continue;
        if (other >= first && canonical[other] !== other) other = links[other * BANDS + band] as number;
        if (other < first) other = boundaries[boundaryOffset(text) + band] as number;
        links[text * BANDS + band] = other;
        for (let step = 0; other !== NONE && other >= first && step < MAX_ON_CHAIN; step++) {
          this.#compare(text, other);
          other = links[other * BANDS + band] as number;
        }
      }
    }
    if (canonical[text] === text) similarity[text] = 1;
  }

  close(): void {
    this.#records.close();
  }

  #searchByPrefix(text: number, tables: PrefixTables): void {
    const { prefixes, prefixCounts } = this.#batch;
    const place = text % BATCH_TEXTS;
    const from = place * this.#prefixLength;
    for (let at = from, end = from + (prefixCounts[place] as number); at < end; at++) {
      let entry = firstEntry(tables, prefixes[at] as number);
      for (let step = 0; entry !== 0 && step < MAX_UNDER_SHINGLE; step++) {
        this.#compare(text, textOfEntry(tables, entry));
        entry = nextEntry(tables, entry);
      }
    }
  }

  /** Compares two texts once. The most similar canonical text wins; of equal ones that with the highest priority. */
  #compare(text: number, other: number): void {
    if (!this.#visited.add(other)) return;
    const { canonical, similarity } = this.#index;
    const measured = Math.fround(this.#measure.between(text, other));
    const best = similarity[text] as number;
    if (measured > best || (measured === best && measured > 0 && other < (canonical[text] as number))) {
      canonical[text] = other;
      similarity[text] = measured;
    }
  }
}
