import { CogumiError, type Message, type Question } from '@cogumi/contracts';

/** One request to a model: a conversation and how to answer it. */
export interface ChatCall {
  /** The provider's name of the model. */
  readonly model: string;
  /** A system message, if any, comes first; the last message is the user's. */
  readonly messages: readonly Message[];
  /** Most tokens of the reply, reasoning tokens included; bounds the cost before the request is sent. */
  readonly maxTokens: number;
  readonly temperature: number;
  /** JSON Schema that the reply must match; null: plain text. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** The question behind the messages; procedural teachers answer from its facts, all others see the messages only. */
  readonly question: Question | null;
}

/** Tokens as the provider counts and bills them. */
export interface Usage {
  /** All tokens of the prompt, with those read from and written to the provider's cache. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** All tokens of the reply, with reasoning tokens. */
  readonly outputTokens: number;
}

export interface ChatReply {
  readonly text: string;
  /** `length`: truncated at `maxTokens`; `filtered`: the provider refused to continue. */
  readonly finish: 'stop' | 'length' | 'filtered';
  /** null: not reported; the ledger then charges the worst case. */
  readonly usage: Usage | null;
  /** The provider's name of the model that answered. */
  readonly model: string;
  readonly requestId: string | null;
}

/** Remaining rate limits from the headers of a reply; null where a header is missing. */
export interface RateLimits {
  readonly requestsLeft: number | null;
  readonly requestsResetMs: number | null;
  readonly tokensLeft: number | null;
  readonly tokensResetMs: number | null;
}

export type FailureKind =
  /** Permanent: key refused, no such model, no funds, a request that the provider does not understand. */
  | 'unauthorized'
  | 'model-not-found'
  | 'no-funds'
  | 'bad-request'
  /** Temporary. */
  | 'rate-limited'
  | 'overloaded'
  | 'server-error'
  | 'unreachable'
  | 'timeout'
  /** The reply ended early, or does not follow the protocol. */
  | 'cut-short'
  | 'malformed'
  /** A request of a batch that was never run. */
  | 'expired'
  | 'cancelled';

/** A request that got no reply. */
export class ProviderError extends CogumiError {
  readonly kind: FailureKind;
  /** The wait that the provider asks for; null: not stated. */
  readonly retryAfterMs: number | null;
  /** `nothing`: the model cannot have run; `unknown`: the provider may bill up to the worst case. */
  readonly charged: 'nothing' | 'unknown';

  constructor(
    kind: FailureKind,
    message: string,
    hint: string,
    {
      charged = 'nothing',
      retryAfterMs = null,
      cause,
    }: { charged?: 'nothing' | 'unknown'; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super('PROVIDER_FAILED', message, hint, { cause });
    this.kind = kind;
    this.charged = charged;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request can succeed later. */
  get retryable(): boolean {
    return !PERMANENT.includes(this.kind);
  }
}

const PERMANENT: readonly FailureKind[] = ['unauthorized', 'model-not-found', 'no-funds', 'bad-request'];

/** A service that runs models: an API of the OpenAI or Anthropic kind, or the procedural teachers. */
export interface Provider {
  /** The part before the colon of `openai:gpt-5`. */
  readonly name: string;
  /** Asks whether the provider accepts key and model, without running the model. @throws ProviderError. */
  check(model: string, signal: AbortSignal): Promise<void>;
  /** One attempt; the caller decides about retries. @throws ProviderError; the reason of `signal`. */
  chat(call: ChatCall, signal: AbortSignal, onLimits?: (limits: RateLimits) => void): Promise<ChatReply>;
  /** Many requests for half the price, answered within a day; null: the provider has no batch API. */
  readonly batches: BatchApi | null;
}

/** A request of a batch, with our id. */
export interface BatchCall {
  readonly id: string;
  readonly call: ChatCall;
}

/** What is known about a batch that `find` searches for; with more hints it waits for fewer other batches. */
export interface BatchHints {
  readonly requests?: number;
  /** Earliest time of its submission. Milliseconds since 1970, by the local clock. */
  readonly since?: number;
}

export interface BatchState {
  /** `ended`: every request has a result or an error; `expired` and `failed` batches may have results too. */
  readonly status: 'running' | 'ended' | 'expired' | 'failed' | 'cancelled';
  readonly done: number;
  /** The reason of a failure; empty otherwise. */
  readonly message: string;
}

/** One result. Results come in any order, and some may be missing. */
export interface BatchResult {
  readonly id: string;
  readonly outcome: ChatReply | ProviderError;
}

export interface BatchApi {
  readonly mostRequests: number;
  readonly mostBytes: number;
  /**
   * Submits a batch.
   *
   * @param tag - Our tag; `find` recognises the batch by it after a crash between the submission and the reply.
   * @returns The provider's id of the batch.
   */
  submit(calls: readonly BatchCall[], tag: string, signal: AbortSignal): Promise<string>;
  /**
   * The provider's id of the batch that was submitted with this tag; null: there is none. Where running batches do not show
   * their tag (Anthropic), it waits for the candidates to end, for up to a day.
   */
  find(tag: string, signal: AbortSignal, hints?: BatchHints): Promise<string | null>;
  state(batch: string, signal: AbortSignal): Promise<BatchState>;
  /** At most one result per request. A line that is no result is skipped, so that its request stays without one. */
  results(batch: string, signal: AbortSignal): AsyncIterable<BatchResult>;
}
