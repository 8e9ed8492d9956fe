import { setImmediate } from 'node:timers/promises';
import { assignCanonicals } from './assign-canonicals.ts';
import { createBatch } from './assignment-batch.ts';
import { type CandidateIndex, createCandidateIndex, type ReadTexts } from './candidate-index.ts';
import { COUNT, DedupTaskRunner, FILL, GROUP, LINK, READ } from './dedup-task-runner.ts';
import { type Duplicates, EXACT, KEPT, NEAR } from './duplicates.ts';
import { HASH_PARTITIONS, rankDistinctTexts } from './group-exact-duplicates.ts';
import { MAX_PENDING } from './pool-protocol.ts';
import { RecordStore } from './record-store.ts';
import { sharedCopy, sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';
import { addText, blockFor, emptyBlock, makeTextBlock, type TextBlock } from './text-block.ts';
import { TextTable } from './text-table.ts';
import { WorkerPool } from './worker-pool.ts';

export interface SearchSettings {
  /** Jaccard similarity of three-word shingles, 0.5..1, at which two texts count as duplicates. */
  readonly threshold: number;
  /** The calling thread included. The result does not depend on it. */
  readonly threads: number;
  /** Bytes of shingles held in memory; the rest goes to a file. The result does not depend on it. */
  readonly memoryBytes: number;
  /** That file: created when needed; the caller deletes it. */
  readonly spillPath: string;
}

/** Blocks in flight, and tasks of other kinds, for each thread of several (chosen). */
const BLOCKS_PER_THREAD = 4;
const TASKS_PER_THREAD = 4;

/** Texts whose records one task reads: a few megabytes (chosen). */
const TEXTS_PER_FILL = 8192;

/**
 * Finds near-duplicates among any number of texts. Texts are added one by one; only their shingles are kept. They are then
 * assigned in order of priority: each text gets the most similar canonical text if that reaches the threshold, else it
 * becomes canonical itself. So every duplicate is similar to its canonical text (no chains that merge unlike texts), and the
 * result depends on priority only: not on the order of the input, the number of threads or the memory bound.
 *
 * Candidates come from MinHash bands for long texts and from prefix shingles for short ones, where no pair is missed unless
 * very many texts share a shingle (see `canonical-search.ts`). Each candidate is verified by the exact Jaccard similarity of
 * the shingle sets (of 32-bit hashes).
 */
export class DuplicateFinder {
  readonly #settings: SearchSettings;
  readonly #blocks: readonly TextBlock[];
  /** Buffers over the bytes of each block, to write text into. */
  readonly #views: readonly Buffer<SharedArrayBuffer>[];
  /** The task that reads each block, or null. */
  readonly #tasks: (number | null)[];
  #filling = 0;
  readonly #runner: DedupTaskRunner;
  readonly #pool: WorkerPool;
  #table: TextTable;
  readonly #store: RecordStore;

  constructor(settings: SearchSettings) {
    const { threshold, threads, memoryBytes, spillPath } = settings;
    this.#settings = settings;
    const blocks = threads === 1 ? 1 : Math.min(threads * BLOCKS_PER_THREAD, MAX_PENDING);
    this.#blocks = Array.from({ length: blocks }, () => makeTextBlock());
    this.#views = this.#blocks.map(({ bytes }) => Buffer.from(bytes.buffer));
    this.#tasks = this.#blocks.map(() => null);
    const start = { threshold, blocks: this.#blocks };
    this.#runner = new DedupTaskRunner(start);
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = new URL(`./dedup-worker.${extension}`, import.meta.url);
    this.#pool = new WorkerPool(threads, this.#runner, entry, start);
    this.#table = new TextTable(threshold);
    this.#store = new RecordStore(memoryBytes, spillPath);
  }

  /** Adds a text. Texts are numbered from 0 in the order they are added. */
  add(text: string): void {
    if (this.#addTo(this.#filling, text)) return;
    this.#post();
    if (!this.#addTo(this.#filling, text)) this.#addLarge(text);
  }

  /**
   * Finds the duplicates among all texts added so far. Call it once.
   *
   * @param order - Numbers of all texts, highest priority first.
   * @param onProgress - Called after each batch with the number of texts assigned and to assign; an error it throws ends the search.
   */
  async find(order: Uint32Array, onProgress?: (done: number, total: number) => void): Promise<Duplicates> {
    const { index, distinct, ranks } = this.#buildIndex(order);
    const batch = createBatch(index.threshold);
    this.#pool.broadcast({ batch });
    for (const done of assignCanonicals(index, batch, this.#runner.search, this.#pool)) {
      onProgress?.(done, distinct.length);
      await setImmediate();
    }
    return toInputOrder(index, distinct, ranks);
  }

  /** Builds the search index: removes exact duplicates, links LSH bands, then frees the input tables. */
  #buildIndex(order: Uint32Array): { index: CandidateIndex } & Pick<ReadTexts, 'distinct' | 'ranks'> {
    this.#drain();
    const { threshold, threads } = this.#settings;
    const { positions, shingles, textHashes, count } = this.#table;
    this.#table = new TextTable(threshold);
    const groups = { order: sharedCopy(order), textHashes, best: sharedUint32(count) };
    this.#pool.broadcast({ groups });
    const parts = threads === 1 ? 1 : threads * TASKS_PER_THREAD;
    this.#pool.runAll(GROUP, 0, HASH_PARTITIONS, Math.ceil(HASH_PARTITIONS / parts));
    const { distinct, ranks } = rankDistinctTexts(groups);
    const index = createCandidateIndex(this.#store.records, distinct.length, threshold);
    this.#pool.broadcast({ index, texts: { positions, shingles, distinct, ranks } });
    const counters = index.occurrences.length;
    // Each of these tasks reads all records: from a file, several would read it several times.
    const counting = this.#store.spilled ? 1 : threads;
    this.#pool.runAll(COUNT, 0, counters, Math.ceil(counters / counting));
    this.#pool.runAll(FILL, 0, count, TEXTS_PER_FILL);
    this.#pool.runAll(LINK, 0, BANDS, 1);
    return { index, distinct, ranks };
  }

  /** Terminates the threads and closes the file. */
  async close(): Promise<void> {
    this.#runner.close();
    this.#store.close();
    await this.#pool.close();
  }

  #addTo(number: number, text: string): boolean {
    return addText(this.#blocks[number] as TextBlock, this.#views[number] as Buffer<SharedArrayBuffer>, text);
  }

  /** Posts the block being filled and takes the next one. */
  #post(): void {
    this.#tasks[this.#filling] = this.#pool.post(READ, this.#filling, this.#filling + 1);
    this.#filling = (this.#filling + 1) % this.#blocks.length;
    this.#collect(this.#filling);
  }

  /** Waits until a block has been read and stores its records. */
  #collect(number: number): void {
    const task = this.#tasks[number] as number | null;
    if (task === null) return;
    this.#pool.wait(task);
    this.#tasks[number] = null;
    this.#storeRecords(this.#blocks[number] as TextBlock);
  }

  #storeRecords(block: TextBlock): void {
    this.#table.append(block, this.#store.append(block.records, block.sizes[1] as number));
    emptyBlock(block);
  }

  /** Adds a text that is larger than a block, in a block of its own. */
  #addLarge(text: string): void {
    this.#drain();
    const block = blockFor(text);
    addText(block, Buffer.from(block.bytes.buffer), text);
    this.#runner.reader.read(block);
    this.#storeRecords(block);
  }

  #drain(): void {
    this.#post();
    for (let count = 1; count < this.#blocks.length; count++) {
      this.#collect((this.#filling + count) % this.#blocks.length);
    }
  }
}

/** The result by text number instead of rank. */
function toInputOrder(index: CandidateIndex, distinct: Uint32Array, ranks: Uint32Array): Duplicates {
  const canonical = new Uint32Array(ranks.length);
  const similarity = new Float32Array(ranks.length);
  const status = new Uint8Array(ranks.length);
  for (let text = 0; text < ranks.length; text++) {
    const rank = ranks[text] as number;
    const canonicalRank = index.canonical[rank] as number;
    canonical[text] = distinct[canonicalRank] as number;
    similarity[text] = index.similarity[rank] as number;
    status[text] = distinct[rank] !== text ? EXACT : canonicalRank === rank ? KEPT : NEAR;
  }
  return { canonical, similarity, status };
}
