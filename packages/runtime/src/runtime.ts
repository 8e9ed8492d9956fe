import { CogumiError, type Message, type RouterWeights } from '@cogumi/contracts';
import type {
  ChatMessage,
  GeneratePiece,
  GenerateRequest,
  Inspection,
  KvCacheType,
  ModelHost,
  ModelInfo,
  ModelStatistics,
  Speculate,
} from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import { choicePieces } from './choice-pieces.ts';
import type { Language } from './format/gbnf.ts';
import type { LoadedModel, LoadReport } from './models/load-model.ts';
import { type ModelHealth, ModelSupervisor } from './models/model-supervisor.ts';
import { ContextLengthError, checkTokens, promptTokens, type TokenizeOptions, textTokens } from './prompt-tokens.ts';
import { createRouter, type RouteDecision, type Router } from './routing/create-router.ts';
import { routeConversation } from './routing/route-conversation.ts';
import type { CallPiece } from './tools/call-reader.ts';
import { answerGrammar, chatWithCalls, type ToolForm, toolForm } from './tools/tool-form.ts';
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
  /** Threads of the model; default: measured when it is loaded. */
  readonly threads?: number;
  /** Whether tokens of answers are drafted, where that was measured to pay; default `auto`. */
  readonly speculate?: Speculate;
  /** A draft model in GGUF, with the same vocabulary; it is used where it was measured to pay. Default: the bundle's, if it has one. */
  readonly draft?: string;
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

/** What is answered: messages, written with the model's chat template, or a text or token ids that are continued as they stand. */
export type Prompt =
  | { readonly messages: readonly ChatMessage[]; readonly prompt?: never }
  | { readonly prompt: string | readonly number[]; readonly messages?: never };

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
  /** What was measured when the model was loaded, as `statistics` last said; null after a crash, until it is loaded again. */
  readonly measured: Pick<ModelInfo, 'threads' | 'mixing' | 'speculation'> | null;
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
   * @throws ContextLengthError; CogumiError PROMPT_EMPTY, TOKEN_UNKNOWN; as `answer`.
   */
  embed(prompt: string | readonly number[]): Promise<{ vector: Float32Array; tokens: number }>;
  /** @throws ContextLengthError for a text of more tokens than the context holds. */
  tokenize(text: string, options: TokenizeOptions): Promise<readonly number[]>;
  /** Writes control tokens by their names. @throws ContextLengthError; CogumiError TOKEN_UNKNOWN. */
  detokenize(tokens: readonly number[]): Promise<string>;
  close(): Promise<void>;
}

/** What a runtime is made of. */
export interface Parts {
  readonly served: Served;
  readonly models: readonly ServedModel[];
  readonly notes?: readonly string[];
  readonly router: RouterWeights | null;
  /** Answers that are made side by side; default: the sequences of the model. */
  readonly parallel?: number;
  /** Loads the model; the signal is aborted when the runtime is closed. */
  open(closed: AbortSignal): Promise<LoadedModel>;
  /** Refuses a model that cannot be served. */
  check(info: ModelInfo): void;
}

/** Loads the model and keeps it loaded. @throws CogumiError ROUTER_SHAPE; as `open` and `check`; the signal's reason. */
export async function startRuntime(
  { served, models, notes = [], ...parts }: Parts,
  signal: AbortSignal | undefined,
): Promise<Runtime> {
  let load: LoadReport;
  const supervisor = new ModelSupervisor(async (closed) => {
    const { host, report } = await parts.open(closed);
    load = report;
    return host;
  });
  const stop = () => void supervisor.close();
  signal?.addEventListener('abort', stop, { once: true });
  let info: ModelInfo;
  let router: Router | null;
  try {
    ({ info } = await supervisor.start());
    parts.check(info);
    router = parts.router && createRouter(parts.router, info.hiddenSize);
  } catch (error) {
    await supervisor.close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return {
    served,
    contextTokens: info.contextTokens,
    models,
    notes,
    get health() {
      return supervisor.health;
    },
    get parallel() {
      return parts.parallel ?? load.sequences;
    },
    get load() {
      return load;
    },
    get modelPid() {
      return supervisor.pid;
    },
    get measured() {
      const { info: now } = supervisor;
      // A pass that failed may have turned mixing off since.
      const { mixing, speculation } = { ...now, ...supervisor.lastStatistics };
      return now && mixing && speculation ? { threads: now.threads, mixing, speculation } : null;
    },
    statistics: (waitMs) => supervisor.statistics(waitMs),
    get loads() {
      return supervisor.loads;
    },
    answer: async (request, signal) => answer(await supervisor.host(), router, request, signal),
    countTokens: async (request) => {
      const host = await supervisor.host();
      const form = request.tools && toolForm(host.info, request.tools);
      return (await tokensOf(host, request, form)).length;
    },
    embed: async (prompt) => {
      const host = await supervisor.host();
      const tokens = await tokensOf(host, { prompt }, undefined);
      const [inspection] = await host.inspect([tokens]);
      const { mean } = inspection as Inspection;
      const length = Math.hypot(...mean);
      return { vector: mean.map((value) => (length === 0 ? 0 : value / length)), tokens: tokens.length };
    },
    tokenize: async (text, options) => textTokens(await supervisor.host(), text, options),
    detokenize: async (tokens) => {
      const host = await supervisor.host();
      return host.detokenize(checkTokens(host, tokens), { special: true });
    },
    close: () => supervisor.close(),
  };
}

async function answer(
  host: ModelHost,
  router: Router | null,
  request: AnswerRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { messages: _, prompt: __, route, choices = 1, format, tools, ...options } = request;
  const { contextTokens } = host.info;
  const form = tools && toolForm(host.info, tools);
  const tokens = await tokensOf(host, request, form);
  const left = contextTokens - tokens.length;
  if (left < 1) throw new ContextLengthError(`at least ${tokens.length} tokens`, contextTokens);
  const unknown = options.logitBias?.find(([token]) => token >= host.info.vocabularySize);
  if (unknown) {
    const last = host.info.vocabularySize - 1;
    throw new CogumiError(
      'LOGIT_BIAS',
      `There is no token ${unknown[0]}; the last is ${last}.`,
      'Use ids of this model.',
    );
  }
  signal?.throwIfAborted();

  const decision = await decide(host, router, request, () => routedMessages(host, request, tokens));
  signal?.throwIfAborted();
  const { maxTokens = left, seed = 0 } = options;
  const grammar = answerGrammar(format, tools, form);
  const generate = (choice: number, ended: AbortSignal | undefined) =>
    host.generate(
      {
        ...options,
        ...(grammar === undefined ? {} : { grammar }),
        prompt: tokens,
        adapter: decision.route === 'base' ? null : decision.route,
        maxTokens: Math.min(maxTokens, left),
        seed: seed + choice,
      },
      ended ? { signal: ended } : {},
    );
  const pieces = choicePieces(
    choices,
    (choice, ended) => (form ? form.read(generate(choice, ended)) : generate(choice, ended)),
    signal,
  );
  return { decision, promptTokens: tokens.length, pieces };
}

async function tokensOf(host: ModelHost, request: Prompt, form: ToolForm | undefined): Promise<readonly number[]> {
  const { messages, prompt } = request;
  if (messages) {
    const chat = form ? form.chat(messages) : chatWithCalls(host.info, messages);
    return promptTokens(host, chat.messages, chat.tools);
  }
  const ids =
    typeof prompt === 'string'
      ? await textTokens(host, prompt, { special: true, addBos: true })
      : checkTokens(host, prompt);
  if (ids.length > 0) return ids;
  throw new CogumiError('PROMPT_EMPTY', 'The prompt has no tokens.', 'Send some text.');
}

/** What the router reads: for a text that is continued, its whole as one message. */
async function routedMessages(
  host: ModelHost,
  request: Prompt,
  tokens: readonly number[],
): Promise<readonly Message[]> {
  const { messages, prompt } = request;
  if (messages) return messages;
  const content =
    typeof prompt === 'string' ? prompt : await host.detokenize(tokens.slice(0, ROUTING_TOKENS), { special: false });
  return [{ role: 'user', content }];
}

async function decide(
  host: ModelHost,
  router: Router | null,
  { route, cacheSalt }: Pick<AnswerRequest, 'route' | 'cacheSalt'>,
  messages: () => Promise<readonly Message[]>,
): Promise<RouteDecision> {
  const unrouted = { confidence: null, perplexity: null, scores: {} };
  if (route !== null) return { ...unrouted, route, reason: 'chosen' };
  if (!router) return { ...unrouted, route: 'base', reason: 'no-router' };
  return routeConversation(router, await messages(), async ({ content }) => {
    const tokens = await promptTokens(host, [{ role: 'user', content }]);
    const [inspection] = await host.inspect([tokens.slice(0, ROUTING_TOKENS)], cacheSalt);
    if (!inspection) {
      throw new CogumiError(
        'MODEL_FAILED',
        'The model returned no inspection of a prompt.',
        'This is a bug in Cogumi.',
      );
    }
    return { perplexity: inspection.perplexity, hidden: inspection.mean };
  });
}
