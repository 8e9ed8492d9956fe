import type { Stage, Workload } from '../../stages/stage.ts';
import type { Chapter } from './chapter.ts';

/** A stage at a place in the graph: what it reads, with which options, for what. */
export interface Node {
  /** Unique in the build, e.g. `train` or `code.train`; what progress, gates and overrides call it. */
  readonly id: string;
  readonly stage: Stage<never>;
  readonly options: unknown;
  /** Input name to node id. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Name to path of what is given from outside the store. */
  readonly sources: Readonly<Record<string, string>>;
  readonly chapter: Chapter;
  /** The group of nodes that may fail without stopping the build; null: none. */
  readonly candidate: string | null;
}

/** A node with its place in the store. */
export interface PlannedNode extends Node {
  readonly key: string;
  readonly cached: boolean;
  /** SHA-256 of each source, as it is in the key. */
  readonly sourceHashes: Readonly<Record<string, string>>;
  readonly workload: Workload;
  readonly seconds: number;
  /** Where `seconds` comes from. */
  readonly origin: string;
}
