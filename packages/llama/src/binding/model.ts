import { CogumiError } from '@cogumi/contracts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import type { OpenOptions } from '../process/messages.ts';
import type { ModelInfo } from '../types.ts';
import { loadAdapter } from './adapter.ts';
import { type Library, loadLibrary, POOLING_NONE, type Pointer } from './library.ts';
import { type Entry, floatsAt, NativeBatch } from './native-batch.ts';
import { openVocabulary, type Vocabulary } from './vocabulary.ts';

/** Tokens of one call of llama_decode: longer prompts go in parts. */
export const BATCH_TOKENS = 512;

/** llama.cpp works in blocks of 256 cells a sequence. */
const CONTEXT_BLOCK = 256;

/** A loaded model with one context: the thin layer over the C API that everything else stands on. */
export interface Model {
  readonly info: ModelInfo;
  readonly vocabulary: Vocabulary;
  addAdapter(name: string, path: string): Promise<void>;
  /** For the passes to come; null: the base alone. A sequence must keep the adapter it was begun with. */
  useAdapter(name: string | null): void;
  forget(sequence: number): void;
  /** Forgets all sequences and where their cells lay: the next passes come out as in a fresh process. */
  forgetAll(): void;
  /** A sequence that no request uses, for looking at prompts between two passes. */
  readonly inspectionSequence: number;
  /** One pass; `outputs` are read with `logits` and `hidden` by their place in `entries`. */
  decode(entries: readonly Entry[], hidden: boolean): void;
  /** View into llama.cpp's memory, [vocabulary]; valid until the next pass. */
  logits(place: number): Float32Array;
  /** View, [hidden]; valid until the next pass. */
  hidden(place: number): Float32Array;
}

/** @throws CogumiError GGUF_INVALID, MODEL_LOAD, CONTEXT_TOO_LARGE, ADAPTER_MISMATCH. */
export async function loadModel(options: OpenOptions): Promise<Model> {
  const header = await readGgufHeader(options.modelPath);
  const llama = loadLibrary();
  const model = llama.loadModel(options.modelPath, {
    ...llama.modelDefaults(),
    n_gpu_layers: 0,
    // Weights that are not numbers would answer token 0 for ever; looking at them takes about as long as reading them.
    check_tensors: true,
  });
  if (!model) {
    throw new CogumiError(
      'MODEL_LOAD',
      `llama.cpp cannot load ${options.modelPath}: ${llama.complaints()}.`,
      'Export it again.',
    );
  }
  const architecture = String(header.metadata.get('general.architecture'));
  const template = header.metadata.get('tokenizer.chat_template');
  const trainContextTokens = llama.trainContext(model) as number;
  const contextTokens = Math.min(options.contextTokens ?? trainContextTokens, trainContextTokens);
  const hiddenSize = llama.hiddenSize(model) as number;
  const vocabulary = openVocabulary(llama, model);
  const adapters = new Map<string, Pointer>();
  const addAdapter = async (name: string, path: string) => {
    if (adapters.has(name)) {
      throw new CogumiError('ADAPTER_EXISTS', `There is already an adapter called "${name}".`, 'Give it another name.');
    }
    adapters.set(name, await loadAdapter(llama, model, architecture, name, path));
  };
  for (const [name, path] of Object.entries(options.adapters ?? {})) await addAdapter(name, path);

  const context = createContext(llama, model, contextTokens, options.sequences + 1, options.threads);
  const memory = llama.memory(context);
  const batch = new NativeBatch(llama, BATCH_TOKENS);
  let inUse: string | null = null;

  return {
    get info() {
      return {
        architecture,
        vocabularySize: vocabulary.size,
        hiddenSize,
        contextTokens,
        trainContextTokens,
        parameters: Number(llama.parameters(model)),
        chatTemplate: typeof template === 'string' ? template : null,
        bosText: vocabulary.bosText,
        eosText: vocabulary.eosText,
        controlTexts: vocabulary.controlTexts,
        adapters: [...adapters.keys()],
      };
    },
    vocabulary,
    addAdapter,
    useAdapter(name) {
      if (name === inUse) return;
      const adapter = name === null ? null : adapters.get(name);
      if (adapter === undefined) throw adapterUnknown(name as string, [...adapters.keys()]);
      if (adapter === null) llama.setAdapters(context, null, 0, null);
      else llama.setAdapters(context, [adapter], 1, Float32Array.of(1));
      inUse = name;
    },
    inspectionSequence: options.sequences,
    forget: (sequence) => llama.removeSequence(memory, sequence, -1, -1),
    forgetAll: () => llama.clearMemory(memory, true),
    decode(entries, hidden) {
      llama.setEmbeddings(context, hidden);
      const result = llama.decode(context, batch.filled(entries)) as number;
      if (result !== 0) {
        throw new CogumiError(
          'DECODE',
          `llama_decode of ${entries.length} tokens failed with ${result}: ${llama.complaints()}.`,
          'Is the context large enough?',
        );
      }
    },
    logits: (place) => floatsAt(llama.logitsOf(context, place), vocabulary.size),
    hidden: (place) => floatsAt(llama.hiddenOf(context, place), hiddenSize),
  };
}

export function adapterUnknown(name: string, known: readonly string[]): CogumiError {
  return new CogumiError(
    'ADAPTER_UNKNOWN',
    `No adapter is called "${name}"; there are: ${known.join(', ') || 'none'}.`,
    'Choose one of them.',
  );
}

function createContext(
  llama: Library,
  model: Pointer,
  contextTokens: number,
  sequences: number,
  threads: number,
): Pointer {
  const perSequence = Math.ceil(contextTokens / CONTEXT_BLOCK) * CONTEXT_BLOCK;
  const context = llama.createContext(model, {
    ...llama.contextDefaults(),
    n_ctx: perSequence * sequences,
    n_batch: BATCH_TOKENS,
    n_ubatch: BATCH_TOKENS,
    n_seq_max: sequences,
    n_threads: threads,
    n_threads_batch: threads,
    pooling_type: POOLING_NONE,
    no_perf: true,
    // A cache for each sequence: what one holds never changes how another is rounded, and was faster (README).
    kv_unified: false,
  });
  if (!context) {
    throw new CogumiError(
      'CONTEXT_TOO_LARGE',
      `llama.cpp cannot make a context of ${sequences} × ${perSequence} tokens: ${llama.complaints()}.`,
      'Ask for fewer sequences or a shorter context.',
    );
  }
  // Without a pool of its own ggml starts new threads at every pass (research: 50 instead of 195 tokens/s).
  const pool = llama.createThreadpool(threads);
  llama.attachThreadpool(context, pool, pool);
  return context;
}
