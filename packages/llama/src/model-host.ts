import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readGgufHeader } from './gguf-header.ts';
import type { ModelDiedError } from './process.ts';
import { startProcess } from './process.ts';
import type { Completion, GeneratePiece, GenerateRequest, Inspection, ModelInfo, OpenModelOptions } from './types.ts';

/** Most threads that pay: beyond the memory bus is full (research: performance, 2.4). */
const MOST_THREADS = 8;
/**
 * Below this a pass is so short that threads wait for each other longer than they work: a 4 M model made 4,500 tokens/s
 * on one thread and 50 to 500 on two of a busy machine (measured; docs/log.md). The bound itself is chosen.
 */
const ONE_THREAD_BYTES = 100e6;

/** A model in a process of its own. */
export interface ModelHost {
  readonly info: ModelInfo;
  readonly pid: number;
  /** Resolves when the process is gone, by `close` or otherwise. */
  readonly died: Promise<ModelDiedError>;
  tokenize(text: string, options?: { special?: boolean }): Promise<number[]>;
  detokenize(ids: readonly number[], options?: { special?: boolean }): Promise<string>;
  /** Streams an answer; leaving the loop or aborting the signal stops the decoding. */
  generate(request: GenerateRequest, options?: { signal?: AbortSignal }): AsyncGenerator<GeneratePiece>;
  /** Answers a fixed list in a fixed order and shape: two runs give equal text. */
  completeAll(
    requests: readonly GenerateRequest[],
    options?: { onProgress?: (done: number) => void },
  ): Promise<Completion[]>;
  inspect(prompts: readonly (readonly number[])[]): Promise<Inspection[]>;
  /** Row-major [tokens, vocabulary], by the base alone. */
  logits(tokens: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Loads a GGUF model with its adapters.
 *
 * @throws CogumiError GGUF_INVALID, MODEL_LOAD, ADAPTER_MISMATCH; ModelDiedError when llama.cpp dies over it.
 */
export async function openModel(options: OpenModelOptions): Promise<ModelHost> {
  // Looked at before a process is started for it.
  await readGgufHeader(options.modelPath);
  const { signal, ...rest } = options;
  signal?.throwIfAborted();
  const child = startProcess();
  const onAbort = () => void child.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const threads = options.threads ?? (await usefulThreads(options.modelPath));
    const info = await child.ask<ModelInfo>({
      kind: 'open',
      options: { ...rest, threads, sequences: options.sequences ?? 4 },
    });

    const host: ModelHost = {
      info,
      pid: child.pid,
      died: child.died,
      tokenize: (text, { special = false } = {}) => child.ask({ kind: 'tokenize', text, special }),
      detokenize: (ids, { special = false } = {}) => child.ask({ kind: 'detokenize', ids, special }),
      generate: (request, { signal: stop } = {}) => generate(child, request, stop),
      completeAll: (requests, { onProgress } = {}) => completeAll(child, requests, onProgress),
      inspect: (prompts) => child.ask({ kind: 'inspect', prompts }),
      logits: (tokens) => child.ask({ kind: 'logits', tokens }),
      close: async () => {
        signal?.removeEventListener('abort', onAbort);
        await child.close();
      },
    };
    return host;
  } catch (error) {
    await child.close();
    throw error;
  }
}

async function usefulThreads(modelPath: string): Promise<number> {
  const { size } = await stat(modelPath);
  return size < ONE_THREAD_BYTES ? 1 : Math.min(MOST_THREADS, availableParallelism());
}

async function* generate(
  child: ReturnType<typeof startProcess>,
  request: GenerateRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratePiece> {
  const pieces: GeneratePiece[] = [];
  let wake = () => {};
  let failure: unknown = null;
  let over = false;
  const { id, done } = child.stream({ kind: 'generate', request }, (piece) => {
    pieces.push(piece);
    wake();
  });
  const cancel = () => child.post({ kind: 'cancel', target: id });
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  done.then(
    () => {
      over = true;
      wake();
    },
    (error: unknown) => {
      failure = error;
      over = true;
      wake();
    },
  );
  try {
    while (true) {
      const piece = pieces.shift();
      if (piece) yield piece;
      else if (failure !== null) throw failure;
      else if (over) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (!over) cancel();
  }
}

async function completeAll(
  child: ReturnType<typeof startProcess>,
  requests: readonly GenerateRequest[],
  onProgress: ((done: number) => void) | undefined,
): Promise<Completion[]> {
  let finished = 0;
  return Promise.all(
    requests.map(async (request): Promise<Completion> => {
      let text = '';
      let final: Omit<Completion, 'text'> | null = null;
      await child.stream({ kind: 'generate', request }, (piece) => {
        if (piece.kind === 'text') text += piece.text;
        else
          final = {
            finishReason: piece.finishReason,
            promptTokens: piece.promptTokens,
            completionTokens: piece.completionTokens,
          };
      }).done;
      onProgress?.(++finished);
      return { text, ...(final as unknown as Omit<Completion, 'text'>) };
    }),
  );
}
