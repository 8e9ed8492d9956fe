import { CogumiError, type Message } from '@cogumi/contracts';
import { chatPrompt, type GeneratePiece, type ModelHost, openModel } from '@cogumi/llama';
import { cacheFolder } from './bundle/cache-folder.ts';
import { readBundle } from './bundle/read-bundle.ts';
import { unpackBundle } from './bundle/unpack-bundle.ts';
import type { VerifiedBundle } from './bundle/verified-bundle.ts';
import { ModelKeeper } from './models/model-keeper.ts';
import { ContextLengthError, promptTokens } from './prompt-tokens.ts';
import { createRouter, type RouteDecision, type Router } from './routing/create-router.ts';
import { routingMessages } from './routing/routing-messages.ts';

export interface RuntimeOptions {
  /** Where blobs are unpacked; default as `cacheFolder` says. */
  readonly cache?: string;
  /** Tokens one conversation may hold; default: what the base was made for, `DEFAULT_CONTEXT_TOKENS` at the most. */
  readonly contextTokens?: number;
  /** Answers written at the same time; more wait. */
  readonly sequences?: number;
  readonly threads?: number;
}

/**
 * What a laptop holds (chosen): five sequences of 8,192 tokens take 5 GiB beside a Llama 3 8B (32 layers, 8 heads of 128,
 * 16 bits: 128 KiB a token), and would take 80 GiB with the 131,072 it was made for.
 */
export const DEFAULT_CONTEXT_TOKENS = 8192;

/** A name that a client can ask for. */
export interface ServedModel {
  readonly id: string;
  /** `base`, a modifier, or null: the router decides. */
  readonly route: string | null;
  /** The model it is an adapter of; null for the bundle itself. */
  readonly parent: string | null;
}

export interface AnswerRequest {
  readonly messages: readonly Message[];
  /** `base`, a modifier, or null: the router decides. */
  readonly route: string | null;
  /** Most tokens of the answer; more than the context has left means what is left. */
  readonly maxTokens?: number;
  /** 0 (the default): always the most likely token, as the bundle was measured. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

export interface Answer {
  readonly decision: RouteDecision;
  readonly promptTokens: number;
  /** Decoding starts when the first piece is asked for. */
  readonly pieces: AsyncGenerator<GeneratePiece>;
}

/** A bundle that answers: one base in memory, modifiers switched per request. */
export interface Runtime {
  readonly bundle: VerifiedBundle;
  /** Of one conversation. */
  readonly contextTokens: number;
  readonly models: readonly ServedModel[];
  /** Process of the model; null while it is gone. The next request brings it back. */
  readonly modelPid: number | null;
  /** Reads the prompt and decides its route. @throws ContextLengthError, ModelUnavailableError, ModelDiedError. */
  answer(request: AnswerRequest, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Opens a bundle: every byte is checked before the base is loaded.
 *
 * @throws BundleError; CogumiError CACHE_UNWRITABLE, ROUTER_SHAPE, or what `openModel` refuses.
 */
export async function openRuntime(path: string, options: RuntimeOptions = {}): Promise<Runtime> {
  const bundle = await readBundle(path);
  const { cache = cacheFolder(), contextTokens = DEFAULT_CONTEXT_TOKENS, ...model } = options;
  const keeper = new ModelKeeper(async () => {
    // Hashed again at each load, so that a file changed in the cache is never run.
    const { basePath, adapterPaths } = await unpackBundle(bundle, cache);
    return openModel({ ...model, contextTokens, modelPath: basePath, adapters: adapterPaths });
  });
  const { info } = await keeper.host();
  let router: Router | null;
  try {
    // Fails here, not at the first question, when the model cannot chat at all.
    chatPrompt(info, [{ role: 'user', content: 'Hello' }]);
    router = bundle.router && createRouter(bundle.router, info.hiddenSize);
  } catch (error) {
    await keeper.close();
    throw error;
  }
  return {
    bundle,
    contextTokens: info.contextTokens,
    models: servedModels(bundle),
    get modelPid() {
      return keeper.pid;
    },
    answer: async (request, signal) => answer(await keeper.host(), router, request, signal),
    close: () => keeper.close(),
  };
}

function servedModels({ config: { name, modifiers } }: VerifiedBundle): ServedModel[] {
  return [
    { id: name, route: null, parent: null },
    ...['base', ...modifiers.map((modifier) => modifier.name)].map((route) => ({
      id: `${name}:${route}`,
      route,
      parent: name,
    })),
  ];
}

async function answer(
  host: ModelHost,
  router: Router | null,
  request: AnswerRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { contextTokens } = host.info;
  const tokens = await promptTokens(host, request.messages);
  const left = contextTokens - tokens.length;
  if (left < 1) throw new ContextLengthError(tokens.length, contextTokens);
  signal?.throwIfAborted();

  const decision = await decide(host, router, request);
  signal?.throwIfAborted();
  const { maxTokens = left, temperature = 0, topP = 1, seed = 0, stop = [] } = request;
  const pieces = host.generate(
    {
      prompt: tokens,
      adapter: decision.route === 'base' ? null : decision.route,
      maxTokens: Math.min(maxTokens, left),
      temperature,
      topP,
      seed,
      stop,
    },
    signal ? { signal } : {},
  );
  return { decision, promptTokens: tokens.length, pieces };
}

async function decide(
  host: ModelHost,
  router: Router | null,
  { messages, route }: AnswerRequest,
): Promise<RouteDecision> {
  const unasked = { confidence: null, perplexity: null, scores: {} };
  if (route !== null) return { ...unasked, route, reason: 'chosen' };
  if (!router) return { ...unasked, route: 'base', reason: 'alone' };
  const tokens = await promptTokens(host, routingMessages(messages));
  const [reading] = await host.inspect([tokens]);
  if (!reading)
    throw new CogumiError('MODEL_FAILED', 'The model read a prompt and gave nothing back.', 'This is a bug.');
  return router.route({ perplexity: reading.perplexity, hidden: reading.mean });
}
