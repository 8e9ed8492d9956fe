import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { CogumiError } from '@cogumi/contracts';
import type { ModelDiedError } from '../errors.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import type { Completion, GeneratePiece, GenerateRequest, Inspection, ModelInfo, OpenModelOptions } from '../types.ts';
import { startProcess } from './process.ts';
import { streamAnswer } from './stream-answer.ts';

/** Most threads that pay: beyond the memory bus is full (research: performance, 2.4). */
const MOST_THREADS = 8;
/**
 * Below this a pass is so short that threads wait for each other longer than they work: a 4 M model made 4,500 tokens/s
 * on one thread and 50 to 500 on two of a busy machine (measured; README). The bound itself is chosen.
 */
const ONE_THREAD_BYTES = 100e6;
const SEQUENCES = 4;

/** A model in a process of its own. When that dies, everything under way is refused with ModelDiedError. */
export interface ModelHost {
  readonly info: ModelInfo;
  readonly pid: number;
  /** Resolves when the process is gone, by `close` or otherwise. */
  readonly died: Promise<ModelDiedError>;
  /** @param options - `special` (default no): names of special tokens count as such; `addBos` (default no): BOS first. */
  tokenize(text: string, options?: { special?: boolean; addBos?: boolean }): Promise<number[]>;
  /** @param options - `special` (default no): special tokens are written out. */
  detokenize(ids: readonly number[], options?: { special?: boolean }): Promise<string>;
  /**
   * Streams an answer; leaving the loop or aborting the signal stops the decoding within a token.
   *
   * @throws ContextTooSmallError; CogumiError ADAPTER_UNKNOWN, PROMPT_EMPTY, TOKEN_UNKNOWN, MAX_TOKENS.
   */
  generate(request: GenerateRequest, options?: { signal?: AbortSignal }): AsyncGenerator<GeneratePiece>;
  /**
   * Answers a fixed list, alone and in a fixed shape: two runs give equal tokens. Refused as a whole, as `generate`.
   *
   * @param options - `onProgress`: answers done so far.
   */
  completeAll(
    requests: readonly GenerateRequest[],
    options?: { onProgress?: (done: number) => void },
  ): Promise<Completion[]>;
  /** What the base makes of each prompt; one pass each. */
  inspect(prompts: readonly (readonly number[])[]): Promise<Inspection[]>;
  /** Row-major [tokens, vocabulary]; by the base alone unless an adapter is named. */
  logits(tokens: readonly number[], options?: { adapter?: string | null }): Promise<Float32Array>;
  /** @throws CogumiError GGUF_INVALID, ADAPTER_MISMATCH, ADAPTER_EXISTS. */
  addAdapter(name: string, path: string): Promise<void>;
  /** Resident memory of the process. */
  memoryBytes(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Loads a GGUF model with its adapters.
 *
 * @throws CogumiError MODEL_OPTIONS, GGUF_INVALID, MODEL_LOAD, CONTEXT_TOO_LARGE, ADAPTER_MISMATCH, LLAMA_PLATFORM, LLAMA_MISSING,
 * LLAMA_LAYOUT; ModelDiedError when llama.cpp dies over it; the signal's reason when it is aborted.
 */
export async function openModel(options: OpenModelOptions): Promise<ModelHost> {
  const { signal, ...rest } = options;
  for (const name of ['contextTokens', 'sequences', 'threads'] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new CogumiError(
        'MODEL_OPTIONS',
        `${name} is ${value}; a whole number from 1 on is needed.`,
        'Leave it out.',
      );
    }
  }
  // Looked at before a process is started for it.
  await readGgufHeader(options.modelPath);
  const threads = options.threads ?? (await usefulThreads(options.modelPath));
  signal?.throwIfAborted();
  const child = startProcess();
  const onAbort = () => void child.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  void child.died.then(() => signal?.removeEventListener('abort', onAbort));
  try {
    let info = await child.ask<ModelInfo>({
      kind: 'open',
      options: { ...rest, threads, sequences: options.sequences ?? SEQUENCES },
    });
    return {
      get info() {
        return info;
      },
      pid: child.pid,
      died: child.died,
      tokenize: (text, { special = false, addBos = false } = {}) =>
        child.ask({ kind: 'tokenize', text, special, addBos }),
      detokenize: (ids, { special = false } = {}) => child.ask({ kind: 'detokenize', ids, special }),
      generate: (request, { signal: stop } = {}) => streamAnswer(child, request, stop),
      completeAll: (requests, { onProgress } = {}) => child.ask({ kind: 'complete-all', requests }, onProgress),
      inspect: (prompts) => child.ask({ kind: 'inspect', prompts }),
      logits: (tokens, { adapter = null } = {}) => child.ask({ kind: 'logits', tokens, adapter }),
      addAdapter: async (name, path) => {
        info = await child.ask<ModelInfo>({ kind: 'add-adapter', name, path });
      },
      memoryBytes: () => child.ask({ kind: 'memory' }),
      close: () => child.close(),
    };
  } catch (error) {
    await child.close();
    signal?.throwIfAborted();
    throw error;
  }
}

async function usefulThreads(modelPath: string): Promise<number> {
  const { size } = await stat(modelPath);
  return size < ONE_THREAD_BYTES ? 1 : Math.min(MOST_THREADS, availableParallelism());
}
