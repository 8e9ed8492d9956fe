import { CogumiError } from '@cogumi/contracts';
import type { ModelDiedError } from '../errors.ts';
import { checkDraft } from '../gguf/check-draft.ts';
import { checkKvCache } from '../gguf/kv-cache.ts';
import { type ModelHeader, readModelHeader } from '../gguf/model-header.ts';
import type { Completion, GeneratePiece, GenerateRequest, Inspection, ProbeOptions } from '../types/answers.ts';
import type { MemoryNeed, ModelInfo, ModelStatistics, OpenModelOptions } from '../types/model.ts';
import type { DraftOptions, ThreadChoice } from './messages.ts';
import { mostThreads } from './most-threads.ts';
import { startProcess } from './start-process.ts';
import { streamAnswer } from './stream-answer.ts';

/**
 * Smaller files get one thread where nothing is measured: a pass is so short that threads wait for each other longer than they work.
 * A 4 M model (4 MB) made 4,500 tokens/s on one thread and 50 to 500 on two of a busy machine; one of 98 MB runs at half speed on one of
 * two quiet cores (measured; README). The bound between them is chosen.
 */
const ONE_THREAD_BYTES = 50e6;
/** Larger files get all threads: a pass is long, and measuring it with one thread would take seconds (chosen). */
const MEASURED_BYTES = 1e9;
const SEQUENCES = 4;

/** A model in a separate process. If the process dies, all running calls are rejected with ModelDiedError. */
export interface ModelHost {
  readonly info: ModelInfo;
  readonly pid: number;
  /** Resolves when the process has ended, after `close` or after a crash. */
  readonly died: Promise<ModelDiedError>;
  /** @param options - `special` (default false): parse special tokens in the text; `addBos` (default false): put BOS first. */
  tokenize(text: string, options?: { special?: boolean; addBos?: boolean }): Promise<number[]>;
  /** @param options - `special` (default false): write special tokens. */
  detokenize(ids: readonly number[], options?: { special?: boolean }): Promise<string>;
  /**
   * Streams an answer. Leaving the loop or aborting the signal stops decoding within one token.
   *
   * @throws ContextTooSmallError; CogumiError ADAPTER_UNKNOWN, PROMPT_EMPTY, TOKEN_UNKNOWN, MAX_TOKENS.
   */
  generate(request: GenerateRequest, options?: { signal?: AbortSignal }): AsyncGenerator<GeneratePiece>;
  /**
   * Answers a list of requests while no other request runs, in fixed batch shapes, so that two runs give equal tokens.
   *
   * @param options - `onProgress`: receives the number of finished answers. `shared` (default false): what all prompts begin with is read once,
   * which changes the last bits of logits.
   * @throws as `generate`; one wrong request refuses the whole list.
   */
  completeAll(
    requests: readonly GenerateRequest[],
    options?: { onProgress?: (done: number) => void; shared?: boolean },
  ): Promise<Completion[]>;
  /** Perplexity and hidden states of each prompt, from one pass of the base over each. */
  inspect(prompts: readonly (readonly number[])[], cacheSalt?: string): Promise<Inspection[]>;
  /**
   * What layers of the base make of each prompt: for each layer the mean of its states, shape [hidden]. Needs `layers`. Layers are
   * numbers from 0 to the last but one, ascending. @throws CogumiError LAYER_UNREADABLE.
   */
  readLayers(prompts: readonly (readonly number[])[], layers: readonly number[]): Promise<Float32Array[][]>;
  /** The same of one prompt and of the layer that `router` reads. The base reads on where `options` and the router say so. */
  probe(tokens: readonly number[], options: ProbeOptions): Promise<Float32Array>;
  /**
   * Logits of the tokens from `from` (default 0) on, shape [tokens, vocabulary], row-major. `adapter` (default null): the base without an
   * adapter. `shared` (default false): a prompt that begins as the one before reads only what differs; the bits depend on the prompt alone, but
   * are not those of a prompt that is read as a whole.
   */
  logits(
    tokens: readonly number[],
    options?: { adapter?: string | null; from?: number; shared?: boolean },
  ): Promise<Float32Array>;
  /** @throws CogumiError GGUF_INVALID, ADAPTER_MISMATCH, ADAPTER_EXISTS. */
  addAdapter(name: string, path: string): Promise<void>;
  statistics(): Promise<ModelStatistics>;
  close(): Promise<void>;
}

/**
 * Loads a GGUF model with its adapters.
 *
 * @throws CogumiError MODEL_OPTIONS, GGUF_INVALID, KV_CACHE_TYPE, MODEL_LOAD, CONTEXT_TOO_LARGE, ADAPTER_MISMATCH, DRAFT_VOCABULARY,
 * LLAMA_PLATFORM, LLAMA_MISSING, LLAMA_LAYOUT; ModelDiedError if llama.cpp crashes; the signal's reason if it is aborted.
 */
export async function openModel(options: OpenModelOptions): Promise<ModelHost> {
  const { signal, fit, mixing = false, speculate = 'off', draftPath, draftTokens, mostThreads: _, ...others } = options;
  const { measure = 'load', decided = {}, onDecided, router, ...rest } = others;
  for (const name of ['contextTokens', 'sequences', 'threads', 'mostThreads', 'draftTokens'] as const) {
    const value = options[name];
    if (value !== undefined && value !== 'measured' && !(Number.isInteger(value) && value >= 1)) {
      throw new CogumiError(
        'MODEL_OPTIONS',
        `${name} is ${value}; it has to be a whole number of at least 1.`,
        'Leave it out to get the default.',
      );
    }
  }
  // A broken file is refused before a process is started.
  const header = await readModelHeader(options.modelPath);
  checkKvCache(options.modelPath, header, options.kvCache ?? 'f16');
  const { threads, ...chosen } = threadsOf(options, header);
  const draft = speculate === 'auto' && draftPath !== undefined ? await draftOf(draftPath, options) : null;
  signal?.throwIfAborted();
  let info: ModelInfo;
  const child = startProcess((found) => {
    const { decided: news, lasting, unmeasured } = found;
    info = { ...info, ...news, unmeasured };
    onDecided?.(news, lasting);
  });
  const onAbort = () => void child.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  void child.died.then(() => signal?.removeEventListener('abort', onAbort));
  try {
    const layers = rest.layers === true || router?.layer !== undefined;
    const load = { ...rest, threads, mixing: mixing !== false, layers };
    const needOf = (sequences: number) =>
      child.call<MemoryNeed>({ kind: 'predict', options: { ...load, sequences }, draft });
    const fitted = fit ? await fit(needOf) : { sequences: options.sequences ?? SEQUENCES };
    const measured = { measure, decided, router };
    const open = { options: { ...load, ...fitted }, threads: chosen, mixing, speculate, draft, ...measured };
    info = await child.call<ModelInfo>({ kind: 'open', ...open });
    return {
      get info() {
        return info;
      },
      pid: child.pid,
      died: child.died,
      tokenize: (text, { special = false, addBos = false } = {}) =>
        child.call({ kind: 'tokenize', text, special, addBos }),
      detokenize: (ids, { special = false } = {}) => child.call({ kind: 'detokenize', ids, special }),
      generate: (request, { signal: stop } = {}) => streamAnswer(child, request, stop),
      completeAll: (requests, { onProgress, shared = false } = {}) =>
        child.call({ kind: 'complete-all', requests, shared }, onProgress),
      inspect: (prompts, cacheSalt) => child.call({ kind: 'inspect', prompts, cacheSalt }),
      readLayers: (prompts, layers) => child.call({ kind: 'read-layers', prompts, layers }),
      probe: (tokens, options) => child.call({ kind: 'probe', tokens, ...options }),
      logits: (tokens, { adapter = null, from = 0, shared = false } = {}) =>
        child.call({ kind: 'logits', tokens, adapter, from, shared }),
      addAdapter: async (name, path) => {
        info = await child.call<ModelInfo>({ kind: 'add-adapter', name, path });
      },
      statistics: () => child.call({ kind: 'statistics' }),
      close: () => child.close(),
    };
  } catch (error) {
    await child.close();
    signal?.throwIfAborted();
    throw error;
  }
}

/** @throws CogumiError DRAFT_VOCABULARY, GGUF_INVALID. */
async function draftOf(modelPath: string, options: OpenModelOptions): Promise<DraftOptions> {
  await checkDraft(options.modelPath, modelPath);
  const { threads: _, ...threads } = threadsOf(options, await readModelHeader(modelPath));
  return { modelPath, threads, tokens: options.draftTokens ?? null };
}

/** Threads to load a model with, how many it begins with, and which passes may get others. */
function threadsOf(
  { threads, mostThreads: bound = Infinity }: OpenModelOptions,
  { fileBytes }: ModelHeader,
): ThreadChoice & { threads: number } {
  if (typeof threads === 'number') {
    return { threads, start: threads, bySize: threads, tuned: { token: false, batch: false } };
  }
  const most = Math.min(mostThreads(), bound);
  const bySize = fileBytes < ONE_THREAD_BYTES ? 1 : most;
  if (threads === 'measured') {
    return {
      threads: most,
      start: fileBytes < MEASURED_BYTES ? 'measured' : most,
      bySize,
      tuned: { token: true, batch: true },
    };
  }
  // A pass over one token adds in an order that depends on the threads, so there the number is a rule: a build gives equal bytes.
  return { threads: most, start: bySize, bySize, tuned: { token: false, batch: true } };
}
