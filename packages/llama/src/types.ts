import type { RouterWeights } from '@cogumi/contracts';
import type { KvCacheType } from './gguf/kv-cache.ts';

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

/** What is measured of a model on the machine on which it runs. */
export type Measured = keyof Decisions;

/** What was measured of a model; absent: nothing yet. */
export interface Decisions {
  readonly threads?: Threads;
  readonly mixing?: MixingReport;
  readonly speculation?: SpeculationReport;
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

/** Where drafts come from. `lookup`: from what stood in prompt or answer before; `draft`: from a draft model. */
export const DRAFT_ORIGINS = ['lookup', 'draft'] as const;
export type DraftOrigin = (typeof DRAFT_ORIGINS)[number];

/** What speculative decoding has done. */
export interface DraftCounts {
  /** Passes of an answer with drafted tokens. */
  readonly drafts: number;
  readonly draftedTokens: number;
  /** Of them those that were compared with what the model chose: not those behind a refused one, or behind the end of an answer. */
  readonly comparedTokens: number;
  readonly acceptedTokens: number;
}

/** Threads of a pass over one token, and of a pass over several: prompts, and answers side by side. */
export interface Threads {
  readonly token: number;
  readonly batch: number;
}

/** Whether requests with different adapters are decoded in one pass, and what was measured for it. */
export interface MixingReport {
  readonly used: boolean;
  /** Why, in words. */
  readonly reason: string;
  /** Time of turns / time of mixed passes. */
  readonly speedup?: number;
  /** Streams that were compared with requests alone, and those that are not as they are. */
  readonly compared?: number;
  readonly wrong?: number;
  /** Places where the likeliest token is another one, although the logits differ by no more than rounding. */
  readonly ties?: number;
  /** Root mean square by which logits differ from a request alone: of two requests of one adapter in a pass, and of mixed passes. */
  readonly noise?: number;
  readonly difference?: number;
}

/** Time of a pass over so many tokens on this machine. */
export interface PassTime {
  readonly tokens: number;
  readonly ms: number;
}

/** Whether a source of drafts is used, and what was measured for it. */
export interface SourceReport {
  readonly used: boolean;
  /** Why, in words. */
  readonly reason: string;
  /** Share (0..1) of drafted tokens that has to be accepted so that one answer alone gains. */
  readonly leastAccepted?: number;
  /** Of the model that is asked for tokens, in ascending order, at least two. */
  readonly passes?: readonly PassTime[];
}

/** Whether tokens of answers are drafted: `passes` are of the model itself, the rest is of prompt lookup. */
export interface SpeculationReport extends SourceReport {
  /** Of the draft model, with its own passes; absent: there is none. */
  readonly draft?: SourceReport;
}

/** Which sources draft. `lookup`: prompt lookup alone; `auto`: also the draft model, where there is one. */
export const SPECULATE = ['off', 'lookup', 'auto'] as const;
export type Speculate = (typeof SPECULATE)[number];

export interface GenerateRequest {
  /** Text in which special tokens are parsed, or token ids. BOS is not added. */
  readonly prompt: string | readonly number[];
  /** Name of a loaded adapter; null (default): the base without an adapter. */
  readonly adapter?: string | null;
  /** Strength of the adapter, 0..4; default 1: as it was trained. */
  readonly adapterScale?: number;
  /** Only requests of the same salt find each other's prompts in the prefix cache, so that nobody learns what others ask; default: none. */
  readonly cacheSalt?: string;
  readonly maxTokens: number;
  /** 0 (default): always the most likely token. */
  readonly temperature?: number;
  /** Nucleus, 0..1, default 1: sample from the smallest set of tokens with this much probability. */
  readonly topP?: number;
  /** Sample from this many most likely tokens; 0 (default): from all. */
  readonly topK?: number;
  /** 0..1, default 0: drop tokens with less than this share of the most likely token's probability (Nguyen et al. 2024). */
  readonly minP?: number;
  /** Subtracted from the logit of each token once for every time that the answer has it; default 0. */
  readonly frequencyPenalty?: number;
  /** Subtracted from the logit of each token that the answer has; default 0. */
  readonly presencePenalty?: number;
  /** Logits of tokens of the prompt and the answer are divided by it, negative ones multiplied (Keskar et al. 2019); default 1. */
  readonly repetitionPenalty?: number;
  /** Pairs of token id and what is added to its logit. */
  readonly logitBias?: readonly (readonly [token: number, bias: number])[];
  /** Grammar in GBNF that the answer has to match, or begin to match if it ends by its length; its rule is `root`. */
  readonly grammar?: string;
  readonly seed?: number;
  /** Texts that end the answer. They are not part of it. */
  readonly stop?: readonly string[];
  /** Report the log-probability of each token. Costs one pass over the vocabulary per token. */
  readonly logprobs?: boolean;
  /** Report each token's bytes and log-probability, and as many of the most likely tokens in its place. */
  readonly topLogprobs?: number;
  /**
   * The text of the answer begins with the prompt, and `maxTokens` may be 0. With `topLogprobs` the prompt is read whole, and its tokens are
   * described as well as the token that ends the answer.
   */
  readonly echo?: boolean;
}

/** A token, its UTF-8 bytes, perhaps part of a character, and the natural logarithm of its probability at temperature 1. */
export interface TokenLogprob {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Of the model alone: before penalties, biases and the choice of likely tokens. */
  readonly logprob: number;
}

export interface AnswerToken extends Omit<TokenLogprob, 'logprob'> {
  /** As of `TokenLogprob`; null: nothing stands before the first token of an echoed prompt. */
  readonly logprob: number | null;
  /** The most likely tokens in this place, the likeliest first. */
  readonly top: readonly TokenLogprob[];
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

/**
 * Part of a streamed answer. `text` has only whole characters and nothing that may still become a stop text, so it may lag
 * behind `ids`, the tokens since the last part.
 */
export interface TextPiece {
  readonly kind: 'text';
  readonly text: string;
  readonly ids: readonly number[];
  /** For each id the natural logarithm of its probability at temperature 1; empty unless `logprobs` was set. */
  readonly logprobs: readonly number[];
  /** The tokens of `ids` that belong to the answer's text; only if `topLogprobs` was set. */
  readonly tokens?: readonly AnswerToken[];
  /** Milliseconds from the piece before it of the same answer, in the model's process: several may come in one message. */
  readonly gapMs?: number;
}

export interface FinalPiece {
  readonly kind: 'end';
  readonly finishReason: FinishReason;
  /** The stop text that ended the answer; null: something else did. */
  readonly stopText: string | null;
  readonly promptTokens: number;
  /** Tokens of the prompt that an earlier request had left in the cache. */
  readonly cachedTokens: number;
  /** Generated tokens, without the token that ended the answer. */
  readonly completionTokens: number;
}

export type GeneratePiece = TextPiece | FinalPiece;

export interface Completion extends Omit<FinalPiece, 'kind'> {
  readonly text: string;
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
}

/** Measurements of a prompt from one pass of the base. */
export interface Inspection {
  readonly tokens: number;
  /** exp of the mean negative log-likelihood of each token given the tokens before it; 1 for a single token. */
  readonly perplexity: number;
  /** Mean over all tokens of the last hidden state (after the final norm), shape [hidden]. */
  readonly mean: Float32Array;
  /** Last hidden state of the last token, shape [hidden]. */
  readonly last: Float32Array;
}

/** How a router reads a prompt. */
export interface ProbeOptions {
  readonly cacheSalt?: string | undefined;
  /** True: this prompt is what will be answered, so the base reads on if the router's route is the base. */
  readonly answers: boolean;
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
