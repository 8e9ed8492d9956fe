import { join } from 'node:path';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { libraryFiles } from './library-files.ts';
import { checkLayout, defineStructs } from './library-layout.ts';
import { bindTensors } from './tensors.ts';

/** The CPU in `ggml_backend_dev_type`. */
const DEVICE_CPU = 0;
/** `LLAMA_POOLING_TYPE_NONE`: one hidden state per token. */
export const POOLING_NONE = 0;
/** `LLAMA_LOAD_MODE_NONE`: no file is mapped. */
export const LOAD_NOTHING = 0;
/** `LLAMA_FLASH_ATTN_TYPE_ENABLED`; by default llama.cpp decides itself. */
export const FLASH_ATTENTION = 1;

export type Pointer = unknown;

/** The C functions of llama.cpp and ggml. Their struct layouts are checked at start. */
export type Library = ReturnType<typeof bind>;

let loaded: Library | null = null;

/**
 * Loads llama.cpp once per process.
 *
 * @throws CogumiError LLAMA_PLATFORM on a platform without a prebuilt library, LLAMA_MISSING if the package is not
 * installed, LLAMA_LAYOUT if the library is not the release that this binding was written for.
 */
export function loadLibrary(): Library {
  loaded ??= bind(libraryFiles(`${process.platform}-${process.arch}`));
  return loaded;
}

function bind({ folder, llama, ggml }: { folder: string; llama: string; ggml: string }) {
  const ggmlLibrary = koffi.load(join(folder, ggml));
  const library = koffi.load(join(folder, llama));

  defineStructs();
  const version = library.func('const char *llama_version()')() as string;
  const modelDefaults = library.func('llama_model_params llama_model_default_params()');
  const contextDefaults = library.func('llama_context_params llama_context_default_params()');
  const quantizeDefaults = library.func('llama_model_quantize_params llama_model_quantize_default_params()');
  const poolDefaults = ggmlLibrary.func('ggml_threadpool_params ggml_threadpool_params_default(int threads)');
  checkLayout(version, {
    llama_model_params: modelDefaults(),
    llama_context_params: contextDefaults(),
    llama_model_quantize_params: quantizeDefaults(),
    ggml_threadpool_params: poolDefaults(3),
  });

  const tensors = bindTensors(ggmlLibrary);

  // Keep llama.cpp's error messages to explain a failure: its calls return no reason. Drop everything else.
  const messages: string[] = [];
  const logProto = koffi.proto('void llama_log(int level, const char *text, void *data)');
  const onLog = koffi.register((level: number, text: string) => {
    // 4: error, 3: warning (ggml.h, ggml_log_level).
    if (level === 4) messages.push(text.trim());
    if (messages.length > 20) messages.shift();
    log?.push(text);
  }, koffi.pointer(logProto));
  let log: string[] | null = null;
  library.func('void llama_log_set(void *callback, void *data)')(onLog, null);

  ggmlLibrary.func('void ggml_backend_load_all_from_path(const char *path)')(folder);
  library.func('void llama_backend_init()')();
  const device = ggmlLibrary.func('void *ggml_backend_dev_by_type(int type)')(DEVICE_CPU);
  const backend = ggmlLibrary.func('void *ggml_backend_dev_backend_reg(void *device)')(device);
  const procedure = ggmlLibrary.func('void *ggml_backend_reg_get_proc_address(void *reg, const char *name)');
  const newPool = koffi.decode(
    procedure(backend, 'ggml_threadpool_new'),
    koffi.proto('void *ggml_threadpool_new(ggml_threadpool_params *params)'),
  ) as (params: object) => Pointer;

  return {
    version,
    tensors,
    /** Error messages of llama.cpp since the last call of this function. */
    takeErrors: () => messages.splice(0).join('; ').slice(-600) || 'it gives no reason',
    /** Lines that llama.cpp logs during a call, of all levels. */
    logOf(call: () => void): string[] {
      const lines: string[] = [];
      log = lines;
      try {
        call();
      } finally {
        log = null;
      }
      return lines;
    },
    // `poll: 0` turns busy waiting off: on small machines spinning threads starve each other (measured: 140 → 1 tokens/s).
    createThreadpool: (threads: number): Pointer => newPool({ ...poolDefaults(threads), poll: 0 }),
    poolDefaults,
    modelDefaults,
    contextDefaults,
    quantizeDefaults,
    loadModel: library.func('void *llama_model_load_from_file(const char *path, llama_model_params params)'),
    freeModel: library.func('void llama_model_free(void *model)'),
    freeContext: library.func('void llama_free(void *context)'),
    createContext: library.func('void *llama_init_from_model(void *model, llama_context_params params)'),
    attachThreadpool: library.func('void llama_attach_threadpool(void *context, void *pool, void *batchPool)'),
    setThreads: library.func('void llama_set_n_threads(void *context, int32_t threads, int32_t batchThreads)'),
    vocabulary: library.func('void *llama_model_get_vocab(void *model)'),
    vocabularySize: library.func('int32_t llama_vocab_n_tokens(void *vocab)'),
    hiddenSize: library.func('int32_t llama_model_n_embd(void *model)'),
    layers: library.func('int32_t llama_model_n_layer(void *model)'),
    trainContext: library.func('int32_t llama_model_n_ctx_train(void *model)'),
    parameters: library.func('uint64_t llama_model_n_params(void *model)'),
    bos: library.func('int32_t llama_vocab_bos(void *vocab)'),
    addsBos: library.func('bool llama_vocab_get_add_bos(void *vocab)'),
    eos: library.func('int32_t llama_vocab_eos(void *vocab)'),
    tokenAttributes: library.func('int llama_vocab_get_attr(void *vocab, int32_t token)'),
    isEndOfGeneration: library.func('bool llama_vocab_is_eog(void *vocab, int32_t token)'),
    tokenize: library.func(
      'int32_t llama_tokenize(void *vocab, const void *text, int32_t length, void *tokens, int32_t max, bool special, bool parse)',
    ),
    detokenize: library.func(
      'int32_t llama_detokenize(void *vocab, const void *tokens, int32_t count, void *text, int32_t max, bool strip, bool special)',
    ),
    tokenToPiece: library.func(
      'int32_t llama_token_to_piece(void *vocab, int32_t token, void *buffer, int32_t length, int32_t strip, bool special)',
    ),
    createBatch: library.func('llama_batch llama_batch_init(int32_t tokens, int32_t embd, int32_t sequences)'),
    decode: library.func('int32_t llama_decode(void *context, llama_batch batch)'),
    memory: library.func('void *llama_get_memory(void *context)'),
    clearMemory: library.func('void llama_memory_clear(void *memory, bool data)'),
    removeSequence: library.func('bool llama_memory_seq_rm(void *memory, int32_t sequence, int32_t from, int32_t to)'),
    sequenceBytes: library.func('size_t llama_state_seq_get_size(void *context, int32_t sequence)'),
    saveSequence: library.func(
      'size_t llama_state_seq_get_data(void *context, void *bytes, size_t size, int32_t sequence)',
    ),
    restoreSequence: library.func(
      'size_t llama_state_seq_set_data(void *context, const void *bytes, size_t size, int32_t sequence)',
    ),
    setEmbeddings: library.func('void llama_set_embeddings(void *context, bool embeddings)'),
    logitsOf: library.func('void *llama_get_logits_ith(void *context, int32_t index)'),
    hiddenOf: library.func('void *llama_get_embeddings_ith(void *context, int32_t index)'),
    synchronize: library.func('void llama_synchronize(void *context)'),
    loadAdapter: library.func('void *llama_adapter_lora_init(void *model, const char *path)'),
    freeAdapter: library.func('void llama_adapter_lora_free(void *adapter)'),
    /** Whether all values of a tensor are finite numbers; checked by another thread. */
    validRows: promisify(
      ggmlLibrary.func('bool ggml_validate_row_data(int type, const void *data, size_t bytes)').async,
    ) as (type: number, data: Uint8Array, bytes: number) => Promise<boolean>,
    setAdapters: library.func(
      'int32_t llama_set_adapters_lora(void *context, void **adapters, size_t count, float *scales)',
    ),
    grammarSampler: library.func(
      'void *llama_sampler_init_grammar(void *vocab, const char *grammar, const char *root)',
    ),
    applySampler: library.func('void llama_sampler_apply(void *sampler, _Inout_ llama_token_data_array *candidates)'),
    acceptSampler: library.func('void llama_sampler_accept(void *sampler, int32_t token)'),
    freeSampler: library.func('void llama_sampler_free(void *sampler)'),
    quantize: library.func(
      'uint32_t llama_model_quantize(const char *input, const char *output, llama_model_quantize_params *params)',
    ),
  };
}
