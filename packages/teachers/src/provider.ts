import { CogumiError, type Message, type Question } from '@cogumi/contracts';

/** One request to a model: a conversation and how to answer it. */
export interface ChatCall {
  /** As the provider names it. */
  readonly model: string;
  /** A system message comes first, if there is one; the last message is the user's. */
  readonly messages: readonly Message[];
  /** Most tokens of the reply, thinking included: what it costs at worst is known before it is sent. */
  readonly maxTokens: number;
  readonly temperature: number;
  /** JSON Schema the reply has to fit; null: plain text. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** What is asked about; procedural teachers answer from its facts, all others from the messages alone. */
  readonly question: Question | null;
}

/** Tokens as the provider counts and charges them. */
export interface Usage {
  /** All of the prompt; those read from and written to the provider's cache are among them. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** All of the reply, thinking included. */
  readonly outputTokens: number;
}

export interface ChatReply {
  readonly text: string;
  /** `length`: cut at `maxTokens`; `filtered`: the provider refused to go on. */
  readonly finish: 'stop' | 'length' | 'filtered';
  /** null: the provider did not say; the reply then counts at its worst case. */
  readonly usage: Usage | null;
  /** The model that answered, as the provider calls it. */
  readonly model: string;
  readonly requestId: string | null;
}

/** What the provider lets us do from now on, as its headers say; null where they do not. */
export interface RateLimits {
  readonly requestsLeft: number | null;
  readonly requestsResetMs: number | null;
  readonly tokensLeft: number | null;
  readonly tokensResetMs: number | null;
}

export type FailureKind =
  /** For good: key refused, no such model, no funds, a request that the provider does not understand. */
  | 'unauthorized'
  | 'model-not-found'
  | 'no-funds'
  | 'bad-request'
  /** For now. */
  | 'rate-limited'
  | 'overloaded'
  | 'server-error'
  | 'unreachable'
  | 'timeout'
  /** The reply broke off, or is not what the protocol says. */
  | 'cut-short'
  | 'malformed'
  /** Of one request of a batch: it was never run. */
  | 'expired'
  | 'cancelled';

/** A request that got no reply. */
export class ProviderError extends CogumiError {
  readonly kind: FailureKind;
  /** How long the provider asks us to wait, if it says so. */
  readonly retryAfterMs: number | null;
  /** What may have been charged: nothing when the model cannot have run, else anything up to the worst case. */
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

  /** Whether the same request may well succeed later. */
  get retryable(): boolean {
    return !PERMANENT.includes(this.kind);
  }
}

const PERMANENT: readonly FailureKind[] = ['unauthorized', 'model-not-found', 'no-funds', 'bad-request'];

/** Somebody who runs models: an API of the OpenAI or Anthropic kind, or generators of our own. */
export interface Provider {
  /** As in `openai:gpt-5`. */
  readonly name: string;
  /** Asks whether key and model are accepted, without running the model. @throws ProviderError. */
  check(model: string, signal: AbortSignal): Promise<void>;
  /** One attempt: who calls decides about trying again. @throws ProviderError; what `signal` carries. */
  chat(call: ChatCall, signal: AbortSignal, onLimits?: (limits: RateLimits) => void): Promise<ChatReply>;
  /** Many requests for half the price, answered within a day; null where there is no such thing. */
  readonly batches: BatchApi | null;
}

/** A request of a batch, under a name of ours. */
export interface BatchCall {
  readonly id: string;
  readonly call: ChatCall;
}

/** What is known about a batch that is looked for: the more, the fewer others have to be waited for. */
export interface BatchHints {
  readonly requests?: number;
  /** When it was handed in at the earliest. Milliseconds since 1970, by the clock here. */
  readonly since?: number;
}

export interface BatchState {
  /** `ended`: every request has its result, be it an error; `expired` and `failed` batches may have results as well. */
  readonly status: 'running' | 'ended' | 'expired' | 'failed' | 'cancelled';
  readonly done: number;
  /** Why it failed, else empty. */
  readonly message: string;
}

/** Results come in any order, some may be missing. */
export interface BatchResult {
  readonly id: string;
  readonly outcome: ChatReply | ProviderError;
}

export interface BatchApi {
  readonly mostRequests: number;
  readonly mostBytes: number;
  /**
   * Hands a batch in.
   *
   * @param tag - Ours, by which `find` knows it again after a crash between sending and hearing its name.
   * @returns The provider's name of it.
   */
  submit(calls: readonly BatchCall[], tag: string, signal: AbortSignal): Promise<string>;
  /**
   * The batch that was handed in with this tag, if the provider has it. Where running batches do not show their tag
   * (Anthropic), those that may be it are waited for, up to the day that they may take.
   */
  find(tag: string, signal: AbortSignal, hints?: BatchHints): Promise<string | null>;
  state(batch: string, signal: AbortSignal): Promise<BatchState>;
  /** One result a request as far as there are any; a line that is no result is skipped: its request stays without one. */
  results(batch: string, signal: AbortSignal): AsyncIterable<BatchResult>;
}
