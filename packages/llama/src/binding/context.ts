import { CogumiError } from '@cogumi/contracts';
import { KV_CACHE_IDS, wholeBlocks } from '../gguf/kv-cache.ts';
import { FLASH_ATTENTION, type Library, POOLING_NONE, type Pointer } from './library.ts';
import type { LoadOptions } from './model.ts';

/** Most tokens in one call of llama_decode. Longer prompts are decoded in parts. */
export const BATCH_TOKENS = 512;

/**
 * Most tokens of a pass whose logits are computed, unless there are more sequences. llama.cpp has buffers for all of them twice: of a
 * vocabulary of 262,144 tokens they take 64 MiB each, and would take 512 MiB with a whole batch (chosen; reading 64 tokens at a time is
 * about as fast).
 */
export const OUTPUT_TOKENS = 64;

/** Most tokens of a sequence. */
export function contextTokensOf(llama: Library, model: Pointer, { contextTokens }: LoadOptions): number {
  const trained = llama.trainContext(model) as number;
  return Math.min(contextTokens ?? trained, trained);
}

/** Most tokens of a pass whose logits are computed. */
export function outputsOf({ sequences }: Pick<LoadOptions, 'sequences'>): number {
  return Math.max(OUTPUT_TOKENS, sequences + 1);
}

/** A context for so many sequences and a spare one. @throws CogumiError CONTEXT_TOO_LARGE */
export function contextOf(llama: Library, model: Pointer, options: LoadOptions, evalCallback: Pointer | null): Pointer {
  const { threads, kvCache = 'f16' } = options;
  const sequences = options.sequences + 1;
  const contextTokens = contextTokensOf(llama, model, options);
  const perSequence = wholeBlocks(contextTokens);
  const context = llama.createContext(model, {
    ...llama.contextDefaults(),
    n_ctx: perSequence * sequences,
    n_batch: BATCH_TOKENS,
    n_ubatch: BATCH_TOKENS,
    n_seq_max: sequences,
    n_outputs_max: outputsOf(options),
    n_threads: threads,
    n_threads_batch: threads,
    pooling_type: POOLING_NONE,
    no_perf: true,
    cb_eval: evalCallback,
    type_k: KV_CACHE_IDS[kvCache],
    type_v: KV_CACHE_IDS[kvCache],
    // llama.cpp reads quantized values only with flash attention.
    ...(kvCache === 'f16' ? {} : { flash_attn_type: FLASH_ATTENTION }),
    // Each sequence has a cache of its own. It is faster (README), and no sequence changes the rounding of another.
    kv_unified: false,
  });
  if (!context) {
    throw new CogumiError(
      'CONTEXT_TOO_LARGE',
      `llama.cpp cannot create a context of ${sequences} × ${perSequence} tokens: ${llama.takeErrors()}.`,
      'Lower the context or the sequences (`--context` and `--sequences` of `cogumi serve`).',
    );
  }
  return context;
}

/**
 * The context of a model. It may begin with caches for the first tokens of each sequence: llama.cpp fills caches with zeros, which takes 0.4 s
 * for those of SmolLM2 (8,192 tokens, 5 sequences: 944 MB, measured). It gets all of them by `grow`, or when a sequence becomes longer.
 */
export class ModelContext {
  readonly #llama: Library;
  readonly #model: Pointer;
  readonly #options: LoadOptions;
  readonly #evalCallback: Pointer | null;
  /** Most tokens of a sequence. */
  readonly tokens: number;
  #pointer: Pointer;
  #memory: Pointer;
  /** Tokens of a sequence for which there are caches. */
  #cells: number;

  /** @throws CogumiError CONTEXT_TOO_LARGE */
  constructor(llama: Library, model: Pointer, options: LoadOptions, evalCallback: Pointer | null) {
    this.#llama = llama;
    this.#model = model;
    this.#options = options;
    this.#evalCallback = evalCallback;
    this.tokens = contextTokensOf(llama, model, options);
    this.#cells = Math.min(this.tokens, options.firstTokens ?? this.tokens);
    this.#pointer = contextOf(llama, model, { ...options, contextTokens: this.#cells }, evalCallback);
    this.#memory = llama.memory(this.#pointer);
  }

  /** Another one after `grow`. */
  get pointer(): Pointer {
    return this.#pointer;
  }

  /** Its caches; others after `grow`. */
  get memory(): Pointer {
    return this.#memory;
  }

  /** Whether there are caches for so many tokens of a sequence. */
  holds(tokens: number): boolean {
    return tokens <= this.#cells;
  }

  /** Makes the caches as large as they may become, and keeps what they hold. Adapters and threads are to be set again. */
  grow(): void {
    const llama = this.#llama;
    const before = this.#pointer;
    const sequences = Array.from({ length: this.#options.sequences + 1 }, (_, sequence) => sequence);
    const states = sequences.map((sequence) => stateOf(llama, before, sequence));
    const grown = contextOf(llama, this.#model, this.#options, this.#evalCallback);
    for (const [sequence, state] of states.entries()) {
      if (Number(llama.restoreSequence(grown, state, state.length, sequence)) !== state.length) {
        llama.freeContext(grown);
        throw new RangeError(`the caches of sequence ${sequence} cannot be copied`);
      }
    }
    this.#pointer = grown;
    this.#memory = llama.memory(grown);
    this.#cells = this.tokens;
    llama.freeContext(before);
  }
}

/** A copy of what the cache holds of a sequence. */
export function stateOf(llama: Library, context: Pointer, sequence: number): Uint8Array {
  const state = new Uint8Array(Number(llama.sequenceBytes(context, sequence)));
  llama.saveSequence(context, state, state.length, sequence);
  return state;
}
