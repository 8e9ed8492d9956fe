import type {
  ChatMessage,
  GeneratePiece,
  GenerateRequest,
  KvCacheType,
  ModelInfo,
  ModelStatistics,
  Speculate,
} from '@cogumi/llama';
import type { Language } from './format/gbnf.ts';
import type { LoadReport } from './models/load-model.ts';
import type { ModelHealth } from './models/model-supervisor.ts';
import type { TokenizeOptions } from './prompt-tokens.ts';
import type { RouteDecision } from './routing/create-router.ts';
import type { CallPiece } from './tools/call-reader.ts';
import type { ToolUse } from './tools/tool-use.ts';
import type { Upstream } from './upstream/open-upstream.ts';

export interface RuntimeOptions {
  /** Folder for unpacked blobs; default: `cacheFolder()`. */
  readonly cache?: string;
  /** Most tokens of one conversation; default: the base's training context, at most `DEFAULT_CONTEXT_TOKENS`. */
  readonly contextTokens?: number;
  /** Answers that are generated in parallel, default 4 or as many as memory allows; further requests wait. */
  readonly sequences?: number;
  /** Most bytes of adapters that are loaded at a time; default: as many as memory allows. Each is loaded when a request needs it. */
  readonly adapterMemory?: number;
  /** Type of the KV cache, default f16. A smaller one is taken only where it was measured to be close enough (`admitKvCache`). */
  readonly kvCache?: KvCacheType;
  /** Threads of the model; default: measured the first time that nothing is asked. */
  readonly threads?: number;
  /** Whether tokens of answers are drafted, where that was measured to pay; default `auto`. */
  readonly speculate?: Speculate;
  /** A draft model in GGUF, with the same vocabulary; it is used where it was measured to pay. Default: the bundle's, if it has one. */
  readonly draft?: string;
  /** Something was measured while nothing was asked: `measured` has it. */
  readonly onDecided?: (measured: NonNullable<Runtime['measured']>) => void;
  /** Servers that generate, with the same base and adapters. Default: this process generates. */
  readonly upstream?: Upstream;
  /** Aborting it ends `openRuntime`. An open runtime ends by `close`. */
  readonly signal?: AbortSignal;
}

/**
 * Fits a laptop (chosen): with a Llama 3 8B (32 layers, 8 heads of 128, 16 bits: 128 KiB per token) the caches of five
 * sequences take 5 GiB. With the 131,072 tokens that the model was trained for they would take 80 GiB.
 */
export const DEFAULT_CONTEXT_TOKENS = 8192;

/** What a runtime serves: a bundle, or the file of a model. */
export interface Served {
  readonly name: string;
  /** As the caller gave it. */
  readonly path: string;
  /** `sha256:…`, the identity of a bundle; null: the file of a model, which has none. */
  readonly digest: string | null;
}

/** A model name that clients can use. */
export interface ServedModel {
  readonly id: string;
  /** `base`, a modifier, or null: the router decides. */
  readonly route: string | null;
  /** Id of the bundle's own model; null for that model itself. */
  readonly parent: string | null;
}

/** A text or token ids that are continued as they stand. */
export type TextPrompt = string | readonly number[];

/** What is answered: messages, written with the model's chat template, or what is continued as it stands. */
export type Prompt =
  | { readonly messages: readonly ChatMessage[]; readonly prompt?: never }
  | { readonly prompt: TextPrompt; readonly messages?: never };

/** How tokens are chosen and when an answer ends; see `GenerateRequest` for what each option means. */
export interface AnswerOptions
  extends Omit<GenerateRequest, 'prompt' | 'adapter' | 'maxTokens' | 'logprobs' | 'grammar'> {
  /** Most tokens of the answer; default and maximum: what is left of the context. */
  readonly maxTokens?: number;
  /** Answers to the same prompt, default 1. Each has a seed of its own: the seed and its place. */
  readonly choices?: number;
  /** What an answer may be; with `tools` it may also call them. */
  readonly format?: Language;
  /** Functions that the answer may call; only for messages. */
  readonly tools?: ToolUse;
}

export type AnswerRequest = Prompt &
  AnswerOptions & {
    /** `base`, a modifier, or null: the router decides. */
    readonly route: string | null;
  };

/** A piece of one of the choices: of its text, of a call of a function, or its end. */
export type ChoicePiece = (GeneratePiece | CallPiece) & { readonly choice: number };

export interface Answer {
  readonly decision: RouteDecision;
  readonly promptTokens: number;
  /** Decoding starts when the first piece is read. */
  readonly pieces: AsyncGenerator<ChoicePiece>;
}

/** A loaded base, with modifiers that are switched per request. */
export interface Runtime {
  readonly served: Served;
  /** Most tokens of one conversation. */
  readonly contextTokens: number;
  readonly models: readonly ServedModel[];
  /** What who serves it should know. */
  readonly notes: readonly string[];
  readonly health: ModelHealth;
  /** Answers that are made side by side. */
  readonly parallel: number;
  /** What was decided when the model was loaded last. */
  readonly load: LoadReport;
  /** Process id of the model; null after a crash, until it is loaded again. */
  readonly modelPid: number | null;
  /** What was measured of the model, and what is still to be; null after a crash, until it is loaded again. */
  readonly measured: Pick<ModelInfo, 'threads' | 'mixing' | 'speculation' | 'unmeasured'> | null;
  /** Times that the model was loaded. */
  readonly loads: number;
  /** What the model's process has done and takes now; null while none runs, or it does not say so in time (default: a second). */
  statistics(waitMs?: number): Promise<ModelStatistics | null>;
  /** Decides the route of a request and prepares its answer. @throws ContextLengthError, ModelUnavailableError, ModelDiedError. */
  answer(request: AnswerRequest, signal?: AbortSignal): Promise<Answer>;
  /** Tokens of a prompt, with the functions that it tells. @throws as `answer`. */
  countTokens(request: Prompt & Pick<AnswerOptions, 'tools'>): Promise<number>;
  /**
   * Reads a text with the base. `vector`: the mean over its tokens of the last hidden state, of length 1.
   *
   * @param cacheSalt - As that of a request.
   * @throws ContextLengthError; CogumiError PROMPT_EMPTY, TOKEN_UNKNOWN; as `answer`.
   */
  embed(prompt: TextPrompt, cacheSalt?: string): Promise<{ vector: Float32Array; tokens: number }>;
  /** @throws ContextLengthError for a text of more tokens than the context holds. */
  tokenize(text: string, options: TokenizeOptions): Promise<readonly number[]>;
  /** Writes control tokens by their names. @throws ContextLengthError; CogumiError TOKEN_UNKNOWN. */
  detokenize(tokens: readonly number[]): Promise<string>;
  close(): Promise<void>;
}
