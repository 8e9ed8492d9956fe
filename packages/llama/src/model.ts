import { CogumiError } from '@cogumi/contracts';
import koffi from 'koffi';
import { readGgufHeader } from './gguf-header.ts';
import { type Library, loadLibrary, POOLING_NONE, type Pointer } from './library.ts';
import type { ModelInfo, OpenModelOptions } from './types.ts';

/** Tokens of one call of llama_decode: longer prompts go in parts. */
export const BATCH_TOKENS = 512;

/** llama.cpp works in blocks of 256 cells a sequence. */
const CONTEXT_BLOCK = 256;

/** A loaded model with one context: the thin layer over the C API that everything else stands on. */
export interface Model {
  readonly info: ModelInfo;
  tokenize(text: string, special: boolean): number[];
  /** Bytes of a token; special tokens have none unless asked for. */
  piece(token: number, special: boolean): Buffer;
  isEnd(token: number): boolean;
  /** For the passes to come; null: the base alone. A sequence must keep the adapter it was begun with. */
  useAdapter(name: string | null): void;
  forget(sequence: number): void;
  /** A sequence that no request uses, for looking at prompts between two passes. */
  readonly inspectionSequence: number;
  /** One pass; `outputs` are read with `logits` and `hidden` by their place in `entries`. */
  decode(entries: readonly Entry[], hidden: boolean): void;
  /** View into llama.cpp's memory, [vocabulary]; valid until the next pass. */
  logits(place: number): Float32Array;
  /** View, [hidden]; valid until the next pass. */
  hidden(place: number): Float32Array;
}

export interface Entry {
  readonly token: number;
  readonly position: number;
  readonly sequence: number;
  readonly output: boolean;
}

/** @throws CogumiError GGUF_INVALID, MODEL_LOAD, ADAPTER_MISMATCH, ADAPTER_UNKNOWN. */
export async function loadModel(options: OpenModelOptions & { threads: number; sequences: number }): Promise<Model> {
  const header = await readGgufHeader(options.modelPath);
  for (const path of Object.values(options.adapters ?? {})) await readGgufHeader(path);
  const llama = loadLibrary();

  const model = llama.loadModel(options.modelPath, { ...llama.modelDefaults(), n_gpu_layers: 0 });
  if (!model)
    throw new CogumiError(
      'MODEL_LOAD',
      `llama.cpp cannot load ${options.modelPath}: ${llama.complaints()}.`,
      'Export it again.',
    );
  const vocabulary = llama.vocabulary(model);
  const adapters = loadAdapters(llama, model, options.adapters ?? {});

  const trainContextTokens = llama.trainContext(model) as number;
  const contextTokens = Math.min(options.contextTokens ?? trainContextTokens, trainContextTokens);
  const context = createContext(llama, model, contextTokens, options.sequences + 1, options.threads);
  const vocabularySize = llama.vocabularySize(vocabulary) as number;
  const hiddenSize = llama.hiddenSize(model) as number;
  const batch = createBatch(llama);
  const memory = llama.memory(context);
  const pieces = new Map<number, Buffer>();

  const piece = (token: number, special: boolean): Buffer => {
    const key = token * 2 + Number(special);
    let bytes = pieces.get(key);
    if (!bytes) {
      const room = Buffer.alloc(512);
      const length = llama.tokenToPiece(vocabulary, token, room, room.length, 0, special) as number;
      bytes = Buffer.from(room.subarray(0, Math.max(0, length)));
      pieces.set(key, bytes);
    }
    return bytes;
  };
  const textOf = (token: number) => (token < 0 ? '' : piece(token, true).toString('utf8'));
  const template = header.metadata.get('tokenizer.chat_template');

  let inUse: string | null = null;

  return {
    inspectionSequence: options.sequences,
    info: {
      architecture: String(header.metadata.get('general.architecture')),
      vocabularySize,
      hiddenSize,
      contextTokens,
      trainContextTokens,
      parameters: Number(llama.parameters(model)),
      chatTemplate: typeof template === 'string' ? template : null,
      bosText: textOf(llama.bos(vocabulary) as number),
      eosText: textOf(llama.eos(vocabulary) as number),
      adapters: [...adapters.keys()],
    },
    tokenize(text, special) {
      const bytes = Buffer.from(text, 'utf8');
      const ids = new Int32Array(bytes.length + 8);
      const count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, false, special) as number;
      if (count < 0) throw new RangeError(`${-count} tokens do not fit into ${ids.length}`);
      return Array.from(ids.subarray(0, count));
    },
    piece,
    isEnd: (token) => llama.isEndOfGeneration(vocabulary, token) as boolean,
    useAdapter(name) {
      if (name === inUse) return;
      const adapter = name === null ? null : adapters.get(name);
      if (adapter === undefined) throw adapterUnknown(name as string, [...adapters.keys()]);
      const result =
        adapter === null
          ? llama.setAdapters(context, null, 0, null)
          : llama.setAdapters(context, [adapter], 1, Float32Array.of(1));
      if (result !== 0)
        throw new CogumiError(
          'ADAPTER_SWITCH',
          `llama.cpp refused adapter ${name}: ${llama.complaints()}.`,
          'Restart the server.',
        );
      inUse = name;
    },
    forget: (sequence) => llama.removeSequence(memory, sequence, -1, -1),
    decode(entries, hidden) {
      if (entries.length > BATCH_TOKENS) throw new RangeError(`${entries.length} tokens in a pass of ${BATCH_TOKENS}`);
      for (const [at, { token, position, sequence, output }] of entries.entries()) {
        batch.token[at] = token;
        batch.position[at] = position;
        batch.sequenceCount[at] = 1;
        (batch.sequence[at] as Int32Array)[0] = sequence;
        batch.output[at] = Number(output);
      }
      llama.setEmbeddings(context, hidden);
      const result = llama.decode(context, { ...batch.struct, n_tokens: entries.length }) as number;
      if (result !== 0)
        throw new CogumiError(
          'DECODE',
          `llama_decode failed with ${result}: ${llama.complaints()}.`,
          'Is the context large enough?',
        );
    },
    logits: (place) => view(llama.logitsOf(context, place), vocabularySize),
    hidden: (place) => view(llama.hiddenOf(context, place), hiddenSize),
  };
}

export function adapterUnknown(name: string, known: readonly string[]): CogumiError {
  return new CogumiError(
    'ADAPTER_UNKNOWN',
    `No adapter is called "${name}"; there are: ${known.join(', ') || 'none'}.`,
    'Choose one of them.',
  );
}

function loadAdapters(llama: Library, model: Pointer, paths: Readonly<Record<string, string>>): Map<string, Pointer> {
  return new Map(
    Object.entries(paths).map(([name, path]) => {
      const adapter = llama.loadAdapter(model, path);
      if (!adapter) {
        throw new CogumiError(
          'ADAPTER_MISMATCH',
          `Adapter "${name}" (${path}) does not fit this model: ${llama.complaints()}.`,
          'Use the base the adapter was trained on.',
        );
      }
      return [name, adapter];
    }),
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

/** A batch in native memory, seen through typed arrays. */
function createBatch(llama: Library) {
  const struct = llama.createBatch(BATCH_TOKENS, 0, 1) as Record<string, Pointer>;
  const ints = (pointer: Pointer, count: number) => new Int32Array(koffi.view(pointer, count * 4));
  return {
    struct,
    token: ints(struct.token, BATCH_TOKENS),
    position: ints(struct.pos, BATCH_TOKENS),
    sequenceCount: ints(struct.n_seq_id, BATCH_TOKENS),
    sequence: Array.from({ length: BATCH_TOKENS }, (_, at) => ints(koffi.decode(struct.seq_id, at * 8, 'void *'), 1)),
    output: new Int8Array(koffi.view(struct.logits, BATCH_TOKENS)),
  };
}

function view(pointer: Pointer, length: number): Float32Array {
  if (!pointer) throw new RangeError('llama.cpp kept no output for this token');
  return new Float32Array(koffi.view(pointer, length * 4));
}
