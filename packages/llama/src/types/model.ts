import type { RouterWeights } from '@cogumi/contracts';
import type { KvCacheType } from '../gguf/kv-cache.ts';
import type {
  Decisions,
  DraftCounts,
  DraftOrigin,
  Measured,
  MixingReport,
  Speculate,
  SpeculationReport,
  Threads,
} from './decisions.ts';

/** Facts about a loaded model. */
export interface ModelInfo {
  readonly architecture: string;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Most tokens in one sequence. */
  readonly contextTokens: number;
  /** Context length that the model was trained for. */
  readonly trainContextTokens: number;
  readonly parameters: number;
  /** Jinja template of the model file; null if it has none. */
  readonly chatTemplate: string | null;
  readonly bosText: string;
  readonly eosText: string;
  /** True: the model was trained on texts that begin with the BOS token. */
  readonly addsBos: boolean;
  /** Names of control tokens and of the unknown token, longest first. A message must not be able to produce these tokens. */
  readonly controlTexts: readonly string[];
  /** Tokens that end an answer. */
  readonly endIds: readonly number[];
  readonly adapters: readonly string[];
  readonly threads: Threads;
  readonly mixing: MixingReport;
  readonly speculation: SpeculationReport;
  /** What has not been measured yet, because requests go first. */
  readonly unmeasured: readonly Measured[];
}

/** What the process of a model has done and takes now. */
export interface ModelStatistics {
  /** What speculative decoding has done, by the source of its drafts. */
  readonly drafts: Readonly<Record<DraftOrigin, DraftCounts>>;
  /** They may have changed since the model was loaded: a pass that fails turns mixing off. */
  readonly mixing: MixingReport;
  readonly speculation: SpeculationReport;
  readonly unmeasured: readonly Measured[];
  /** Resident memory in bytes. */
  readonly memoryBytes: number;
  /** Loaded adapters, their bytes, and how often one was loaded. */
  readonly adapters: number;
  readonly adapterBytes: number;
  readonly adapterLoads: number;
  /** Times that llama.cpp was given another adapter, or others. */
  readonly adapterSwitches: number;
}

/** Bytes of memory that a model takes once it is loaded. */
export interface MemoryNeed {
  readonly weights: number;
  /** Of adapters that are loaded at a time, with the copies that mixed passes stack. */
  readonly adapters: number;
  readonly adapterSizes: AdapterSizes;
  /** Keys and values of all sequences, and the state of recurrent layers. */
  readonly cache: number;
  /** Buffers of a pass. */
  readonly compute: number;
}

/** Bytes of a model's adapters. */
export interface AdapterSizes {
  readonly all: number;
  readonly largest: number;
  /** 2: mixed passes stack a copy of what is loaded; otherwise 1. */
  readonly copies: number;
}

/** What a caller decides on before the weights are read. */
export interface ModelFit {
  readonly sequences: number;
  readonly adapterMemory?: number;
}

export interface OpenModelOptions {
  /** A file in GGUF, or the first of several (`…-00001-of-00003.gguf`). */
  readonly modelPath: string;
  /** Adapter name to the path of its LoRA in GGUF. */
  readonly adapters?: Readonly<Record<string, string>>;
  /**
   * Most bytes of adapters that are loaded at a time. Each is loaded when a request needs it, and those that were unused longest make
   * room; where mixing is measured, the first ones are loaded with the model. Default: all are loaded with the model and stay.
   */
  readonly adapterMemory?: number;
  /** Most tokens in one sequence; default and maximum: the context length that the model was trained for. */
  readonly contextTokens?: number;
  /** Sequences that are decoded in parallel; default 4. Each costs a cache of `contextTokens`. */
  readonly sequences?: number;
  /**
   * Decides in place of `sequences` and `adapterMemory`, or throws, before the weights are read.
   *
   * @param needOf - Predicts the memory with so many sequences.
   */
  readonly fit?: (needOf: (sequences: number) => Promise<MemoryNeed>) => Promise<ModelFit>;
  /** Default f16. Smaller types save memory and lose precision (`measureKvCache`); llama.cpp uses flash attention for them. */
  readonly kvCache?: KvCacheType;
  /**
   * Default: 1 for small files, otherwise one per core, at most 8; passes over several tokens follow the load of the machine, which
   * changes no bit of them. `measured`: what is fastest on this machine at the start, and while its load changes; with it the sums of
   * single tokens after a long text come in another order. A number: always so many.
   */
  readonly threads?: number | 'measured';
  /** Bounds the default and what is measured. Default: one per core, at most 8. */
  readonly mostThreads?: number;
  /**
   * Decode requests with different adapters in one pass; default false: they take turns. `measured`: if it is faster on this machine
   * as it is now; true: also if not. In both cases only if a test at start gives the tokens that requests alone have. Lists always
   * take turns. Stacked adapters take as much memory again as the adapters themselves.
   */
  readonly mixing?: boolean | 'measured';
  /**
   * Draft tokens of answers and confirm several in one pass (`speculation.ts`), where that was measured to pay; default `off`. Texts are
   * the same, but for rounding: a pass over several tokens adds in another order. Lists are never drafted.
   */
  readonly speculate?: Speculate;
  /**
   * A smaller model with the same vocabulary, in GGUF, that drafts where `speculate` is `auto` and its passes were measured to be short
   * enough. It keeps a cache of 16 bits for each sequence.
   */
  readonly draftPath?: string;
  /**
   * The draft model alone drafts so many tokens again and again, whatever was measured: to learn how many are accepted. Default: as many
   * as pay.
   */
  readonly draftTokens?: number;
  /**
   * When it is measured what is asked for with `measured`, and whether drafts pay. `load` (default): before `openModel` resolves. `idle`: when
   * no request has come for a while, one pass at a time, so that a request waits for one pass at most. Until then the threads follow
   * from the size of the file, requests with different adapters take turns, and nothing is drafted.
   */
  readonly measure?: 'load' | 'idle';
  /** What was measured of the same files on the same machine before; it is not measured again. */
  readonly decided?: Decisions;
  /**
   * Receives what was decided when the model was idle, each time that something was. `lasting`: it may be `decided` of the next load; how many
   * threads are fastest is not where other work wanted the cores.
   */
  readonly onDecided?: (decided: Decisions, lasting: boolean) => void;
  /** Outputs of layers can be read (`readLayers`); default false, since llama.cpp then asks about each part of a pass, which takes time. */
  readonly layers?: boolean;
  /** A router that reads a layer, for `probe`: the model's process has to know it, since it decides in the middle of a pass. */
  readonly router?: RouterWeights;
  /** Aborting it ends the model's process, also after loading. */
  readonly signal?: AbortSignal;
}
