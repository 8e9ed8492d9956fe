import { linkBands } from './band-chains.ts';
import type { Batch } from './batch.ts';
import { BlockReader } from './block-reader.ts';
import type { Catalogue } from './catalogue.ts';
import type { Workbench } from './crew-job.ts';
import { KeeperSearch } from './keeper-search.ts';
import type { PrefixTables } from './prefix-index.ts';
import type { TextBlock } from './text-block.ts';

/** Kinds of jobs: on blocks, on bands, on texts by merit. */
export const READ = 0;
export const LINK = 1;
export const SEARCH = 2;

/** What a thread starts with. */
export interface BenchStart {
  readonly threshold: number;
  readonly blocks: readonly TextBlock[];
}

/** What there is once all texts are read; `settled` again whenever it has moved. */
interface BenchNews {
  readonly catalogue?: Catalogue;
  readonly batch?: Batch;
  readonly settled?: PrefixTables;
}

/** One thread's part in finding duplicates. */
export class DedupBench implements Workbench {
  readonly reader: BlockReader;
  readonly #blocks: readonly TextBlock[];
  #catalogue: Catalogue | null = null;
  #search: KeeperSearch | null = null;
  #settled: PrefixTables | null = null;

  constructor({ threshold, blocks }: BenchStart) {
    this.reader = new BlockReader(threshold);
    this.#blocks = blocks;
  }

  receive({ catalogue, batch, settled }: BenchNews): void {
    if (catalogue && batch) {
      this.#catalogue = catalogue;
      this.#search = new KeeperSearch(catalogue, batch);
    }
    // All begin with the same empty index.
    if (settled) this.#settled = settled;
  }

  work(kind: number, from: number, to: number): void {
    if (kind === READ) {
      for (let block = from; block < to; block++) this.reader.read(this.#blocks[block] as TextBlock);
    } else if (kind === LINK) {
      const { links, counts, threshold } = this.#catalogue as Catalogue;
      linkBands(links, counts, threshold, from, to);
    } else {
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
