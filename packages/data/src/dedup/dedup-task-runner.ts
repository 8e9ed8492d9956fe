import { type AssignmentBatch, findChainBoundaries } from './assignment-batch.ts';
import { BandLinker } from './band-linker.ts';
import { BlockReader } from './block-reader.ts';
import { type CandidateIndex, countShingles, fillCandidateIndex, type ReadTexts } from './candidate-index.ts';
import { CanonicalSearch } from './canonical-search.ts';
import { type ExactGroups, groupExactDuplicates } from './group-exact-duplicates.ts';
import type { TaskRunner } from './pool-protocol.ts';
import type { PrefixTables } from './prefix-index.ts';
import type { TextBlock } from './text-block.ts';

/** Kinds of tasks, in the order they are run, and what `from` and `to` count in each. */
export const READ = 0; // blocks
export const GROUP = 1; // hash partitions
export const COUNT = 2; // counters
export const FILL = 3; // texts, input order
export const LINK = 4; // bands
export const BOUNDARIES = 5; // texts by priority, one batch
export const SEARCH = 6; // texts by priority

/** What a runner is created with. */
export interface RunnerStart {
  readonly threshold: number;
  readonly blocks: readonly TextBlock[];
}

/** Tables that are sent as they come into being; `assigned` is sent again when it has grown and moved. */
interface SearchState {
  readonly groups?: ExactGroups;
  readonly index?: CandidateIndex;
  readonly texts?: ReadTexts;
  readonly batch?: AssignmentBatch;
  readonly assigned?: PrefixTables;
}

/** Runs the tasks of one thread. */
export class DedupTaskRunner implements TaskRunner {
  readonly reader: BlockReader;
  readonly #blocks: readonly TextBlock[];
  #groups: ExactGroups | null = null;
  #index: CandidateIndex | null = null;
  #texts: ReadTexts | null = null;
  #linker: BandLinker | null = null;
  #batch: AssignmentBatch | null = null;
  #search: CanonicalSearch | null = null;
  #assigned: PrefixTables | null = null;

  constructor({ threshold, blocks }: RunnerStart) {
    this.reader = new BlockReader(threshold);
    this.#blocks = blocks;
  }

  receive({ groups, index, texts, batch, assigned }: SearchState): void {
    if (groups) this.#groups = groups;
    if (index && texts) {
      this.#groups = null;
      this.#index = index;
      this.#texts = texts;
      this.#linker = new BandLinker(index);
    }
    if (batch) {
      // The tables of earlier phases are not needed any more.
      this.#texts = null;
      this.#linker = null;
      this.#batch = batch;
      this.#search = new CanonicalSearch(this.#index as CandidateIndex, batch);
    }
    if (assigned) this.#assigned = assigned;
  }

  run(kind: number, from: number, to: number): void {
    switch (kind) {
      case READ:
        for (let block = from; block < to; block++) this.reader.read(this.#blocks[block] as TextBlock);
        return;
      case GROUP:
        return groupExactDuplicates(this.#groups as ExactGroups, from, to);
      case COUNT:
        return countShingles(this.#index as CandidateIndex, this.#texts as ReadTexts, from, to);
      case FILL:
        return fillCandidateIndex(this.#index as CandidateIndex, this.#texts as ReadTexts, from, to);
      case LINK:
        for (let band = from; band < to; band++) (this.#linker as BandLinker).link(band);
        return;
      case BOUNDARIES:
        return findChainBoundaries(
          (this.#index as CandidateIndex).links,
          (this.#batch as AssignmentBatch).boundaries,
          from,
          to,
        );
      default:
        for (let text = from; text < to; text++) this.search.searchEarlier(text, this.#assigned as PrefixTables);
    }
  }

  close(): void {
    this.#search?.close();
  }

  get search(): CanonicalSearch {
    return this.#search as CanonicalSearch;
  }
}
