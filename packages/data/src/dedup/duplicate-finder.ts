import { setImmediate } from 'node:timers/promises';
import { makeBatch } from './batch.ts';
import { type Catalogue, emptyCatalogue, type ReadTexts } from './catalogue.ts';
import { Crew } from './crew.ts';
import { MOST_JOBS } from './crew-job.ts';
import { COUNT, DedupBench, FILL, LINK, READ, TWINS } from './dedup-bench.ts';
import { type Duplicates, EXACT, NEAR, STAYS } from './duplicates.ts';
import { RecordStore } from './record-store.ts';
import { settleAll } from './settle.ts';
import { sharedCopy, sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';
import { TWIN_PARTS, takeTwins } from './take-twins.ts';
import { addText, bytesFor, emptyBlock, makeTextBlock, type TextBlock } from './text-block.ts';
import { TextTable } from './text-table.ts';

export interface SearchSettings {
  /** Jaccard similarity of three-word shingles, 0.5..1, from which on two texts count as one. */
  readonly threshold: number;
  /** The calling one among them. The result does not depend on it. */
  readonly threads: number;
  /** Bytes of shingles that may stay in memory; the others go to a file. The result does not depend on it. */
  readonly memoryBytes: number;
  /** That file: made when it is needed, and left to the caller. */
  readonly spillPath: string;
}

/** Blocks that are filled or read at the same time, and jobs of other work, for each thread where there are several (chosen). */
const BLOCKS_A_THREAD = 4;
const JOBS_A_THREAD = 4;

/** Texts whose records are looked at in one job: a few megabytes (chosen). */
const TEXTS_TO_FILL = 8192;

/**
 * Finds near-duplicates among any number of texts: takes them one after the other, keeping their shingles only. Texts
 * are then settled from the best to the worst: each goes to the keeper that it is most similar to, if similar enough, or
 * becomes a keeper itself. So no cluster reaches farther than its keeper (no chains that merge unlike texts), and the
 * result hangs on merit alone, not on the order of the input, nor on threads or memory.
 *
 * Long texts find their keepers by MinHash bands, short ones by their rarest shingles, where no pair is missed unless very
 * many texts share a shingle (see `keeper-search.ts`); whatever is found is verified by the exact similarity of the shingle
 * sets (of 32-bit hashes).
 */
export class DuplicateFinder {
  readonly #settings: SearchSettings;
  readonly #blocks: readonly TextBlock[];
  /** The bytes of each block once more, to write to. */
  readonly #views: readonly Buffer<SharedArrayBuffer>[];
  /** The job that each block is in, if it is. */
  readonly #jobs: (number | null)[];
  #filling = 0;
  readonly #bench: DedupBench;
  readonly #crew: Crew;
  #table: TextTable;
  readonly #store: RecordStore;

  constructor(settings: SearchSettings) {
    const { threshold, threads, memoryBytes, spillPath } = settings;
    this.#settings = settings;
    const blocks = threads === 1 ? 1 : Math.min(threads * BLOCKS_A_THREAD, MOST_JOBS);
    this.#blocks = Array.from({ length: blocks }, () => makeTextBlock());
    this.#views = this.#blocks.map(({ bytes }) => Buffer.from(bytes.buffer));
    this.#jobs = this.#blocks.map(() => null);
    const start = { threshold, blocks: this.#blocks };
    this.#bench = new DedupBench(start);
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = new URL(`./dedup-thread.${extension}`, import.meta.url);
    this.#crew = new Crew(threads, this.#bench, entry, start);
    this.#table = new TextTable(threshold);
    this.#store = new RecordStore(memoryBytes, spillPath);
  }

  /** Takes the next text: its number is how many came before. */
  add(text: string): void {
    if (this.#addTo(this.#filling, text)) return;
    this.#post();
    if (!this.#addTo(this.#filling, text)) this.#addLarge(text);
  }

  /**
   * @param order - Numbers of all texts, best first.
   * @param settled - Called now and then with how many of how many are settled; what it throws ends the search.
   */
  async find(order: Uint32Array, settled?: (done: number, total: number) => void): Promise<Duplicates> {
    const { catalogue, rest, ranks } = this.#byMerit(order);
    const batch = makeBatch(catalogue.threshold);
    this.#crew.tell({ batch });
    for (const done of settleAll(catalogue, batch, this.#bench.search, this.#crew)) {
      settled?.(done, rest.length);
      await setImmediate();
    }
    return inputOrder(catalogue, rest, ranks);
  }

  /** What was read, exact duplicates apart and bands linked; how it was read is let go. */
  #byMerit(order: Uint32Array): { catalogue: Catalogue } & Pick<ReadTexts, 'rest' | 'ranks'> {
    this.#drain();
    const { threshold, threads } = this.#settings;
    const { positions, shingles, identities, count } = this.#table;
    this.#table = new TextTable(threshold);
    const twins = { order: sharedCopy(order), identities, best: sharedUint32(count) };
    this.#crew.tell({ twins });
    const parts = threads === 1 ? 1 : threads * JOBS_A_THREAD;
    this.#crew.finishAll(TWINS, 0, TWIN_PARTS, Math.ceil(TWIN_PARTS / parts));
    const { rest, ranks } = takeTwins(twins);
    const catalogue = emptyCatalogue(this.#store.records, rest.length, threshold);
    this.#crew.tell({ catalogue, texts: { positions, shingles, rest, ranks } });
    const counters = catalogue.occurrences.length;
    // Each of these jobs reads all records, which a file would be asked for again and again.
    const counting = this.#store.spilled ? 1 : threads;
    this.#crew.finishAll(COUNT, 0, counters, Math.ceil(counters / counting));
    this.#crew.finishAll(FILL, 0, count, TEXTS_TO_FILL);
    this.#crew.finishAll(LINK, 0, BANDS, 1);
    return { catalogue, rest, ranks };
  }

  /** Ends the threads and closes the file. */
  async close(): Promise<void> {
    this.#bench.close();
    this.#store.close();
    await this.#crew.close();
  }

  #addTo(number: number, text: string): boolean {
    return addText(this.#blocks[number] as TextBlock, this.#views[number] as Buffer<SharedArrayBuffer>, text);
  }

  /** Gives the block at hand to whoever has time, and goes on with the next. */
  #post(): void {
    this.#jobs[this.#filling] = this.#crew.post(READ, this.#filling, this.#filling + 1);
    this.#filling = (this.#filling + 1) % this.#blocks.length;
    this.#collect(this.#filling);
  }

  /** Waits for a block and takes what was made of it. */
  #collect(number: number): void {
    const job = this.#jobs[number] as number | null;
    if (job === null) return;
    this.#crew.finish(job);
    this.#jobs[number] = null;
    this.#keep(this.#blocks[number] as TextBlock);
  }

  #keep(block: TextBlock): void {
    this.#table.append(block, this.#store.append(block.records, block.sizes[1] as number));
    emptyBlock(block);
  }

  /** A text that no block has room for gets one to itself. */
  #addLarge(text: string): void {
    this.#drain();
    const block = makeTextBlock(bytesFor(text));
    addText(block, Buffer.from(block.bytes.buffer), text);
    this.#bench.reader.read(block);
    this.#keep(block);
  }

  #drain(): void {
    this.#post();
    for (let count = 1; count < this.#blocks.length; count++) {
      this.#collect((this.#filling + count) % this.#blocks.length);
    }
  }
}

/** What was settled by merit, by number of text again. */
function inputOrder(catalogue: Catalogue, rest: Uint32Array, ranks: Uint32Array): Duplicates {
  const keeper = new Uint32Array(ranks.length);
  const similarity = new Float32Array(ranks.length);
  const fate = new Uint8Array(ranks.length);
  for (let text = 0; text < ranks.length; text++) {
    const rank = ranks[text] as number;
    const kept = catalogue.keeper[rank] as number;
    keeper[text] = rest[kept] as number;
    similarity[text] = catalogue.similarity[rank] as number;
    fate[text] = rest[rank] !== text ? EXACT : kept === rank ? STAYS : NEAR;
  }
  return { keeper, similarity, fate };
}
