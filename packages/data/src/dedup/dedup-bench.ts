import { BandLinker } from './band-chains.ts';
import { type Batch, findExits } from './batch.ts';
import { BlockReader } from './block-reader.ts';
import { type Catalogue, countShingles, fillCatalogue, type ReadTexts } from './catalogue.ts';
import type { Workbench } from './crew-job.ts';
import { KeeperSearch } from './keeper-search.ts';
import type { PrefixTables } from './prefix-index.ts';
import { findTwins, type Twins } from './take-twins.ts';
import type { TextBlock } from './text-block.ts';

/** Kinds of jobs, in the order of the work, and what their numbers count. */
export const READ = 0; // blocks
export const TWINS = 1; // parts of all words
export const COUNT = 2; // counters
export const FILL = 3; // texts as they came
export const LINK = 4; // bands
export const EXITS = 5; // texts by merit, a batch
export const SEARCH = 6; // texts by merit

/** What a thread starts with. */
export interface BenchStart {
  readonly threshold: number;
  readonly blocks: readonly TextBlock[];
}

/** What there is once all texts are read; `settled` again whenever it has moved. */
interface BenchNews {
  readonly twins?: Twins;
  readonly catalogue?: Catalogue;
  readonly texts?: ReadTexts;
  readonly batch?: Batch;
  readonly settled?: PrefixTables;
}

/** One thread's part in finding duplicates. */
export class DedupBench implements Workbench {
  readonly reader: BlockReader;
  readonly #blocks: readonly TextBlock[];
  #twins: Twins | null = null;
  #catalogue: Catalogue | null = null;
  #texts: ReadTexts | null = null;
  #linker: BandLinker | null = null;
  #batch: Batch | null = null;
  #search: KeeperSearch | null = null;
  #settled: PrefixTables | null = null;

  constructor({ threshold, blocks }: BenchStart) {
    this.reader = new BlockReader(threshold);
    this.#blocks = blocks;
  }

  receive({ twins, catalogue, texts, batch, settled }: BenchNews): void {
    if (twins) this.#twins = twins;
    if (catalogue && texts) {
      this.#twins = null;
      this.#catalogue = catalogue;
      this.#texts = texts;
      this.#linker = new BandLinker(catalogue);
    }
    if (batch) {
      // What came before is not needed any more.
      this.#texts = null;
      this.#linker = null;
      this.#batch = batch;
      this.#search = new KeeperSearch(this.#catalogue as Catalogue, batch);
    }
    // All begin with the same empty index.
    if (settled) this.#settled = settled;
  }

  work(kind: number, from: number, to: number): void {
    switch (kind) {
      case READ:
        for (let block = from; block < to; block++) this.reader.read(this.#blocks[block] as TextBlock);
        return;
      case TWINS:
        return findTwins(this.#twins as Twins, from, to);
      case COUNT:
        return countShingles(this.#catalogue as Catalogue, this.#texts as ReadTexts, from, to);
      case FILL:
        return fillCatalogue(this.#catalogue as Catalogue, this.#texts as ReadTexts, from, to);
      case LINK:
        for (let band = from; band < to; band++) (this.#linker as BandLinker).link(band);
        return;
      case EXITS:
        return findExits((this.#catalogue as Catalogue).links, (this.#batch as Batch).exits, from, to);
      default:
        for (let text = from; text < to; text++) this.search.before(text, this.#settled as PrefixTables);
    }
  }

  close(): void {
    this.#search?.close();
  }

  get search(): KeeperSearch {
    return this.#search as KeeperSearch;
  }
}
