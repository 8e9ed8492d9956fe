import { CogumiError } from '@cogumi/contracts';
import koffi from 'koffi';

/** The release with the struct layouts below; any other release is refused at start. */
const LLAMA_VERSION = '0.5.0-dev';

/** Registers the structs of llama.h and ggml.h with koffi, field by field. Call it once per process. */
export function defineStructs(): void {
  koffi.struct('llama_model_params', {
    devices: 'void *',
    tensor_buft_overrides: 'void *',
    n_gpu_layers: 'int32_t',
    split_mode: 'int',
    load_mode: 'int',
    lazy_mode: 'int',
    main_gpu: 'int32_t',
    tensor_split: 'void *',
    progress_callback: 'void *',
    progress_callback_user_data: 'void *',
    kv_overrides: 'void *',
    vocab_only: 'bool',
    check_tensors: 'bool',
    use_extra_bufts: 'bool',
    no_host: 'bool',
    no_alloc: 'bool',
    load_mtp: 'bool',
  });
  koffi.struct('llama_context_params', {
    n_ctx: 'uint32_t',
    n_batch: 'uint32_t',
    n_ubatch: 'uint32_t',
    n_seq_max: 'uint32_t',
    n_rs_seq: 'uint32_t',
    n_outputs_max: 'uint32_t',
    n_outputs_max_per_seq: 'uint32_t',
    n_threads: 'int32_t',
    n_threads_batch: 'int32_t',
    ctx_type: 'int',
    rope_scaling_type: 'int',
    pooling_type: 'int',
    attention_type: 'int',
    flash_attn_type: 'int',
    rope_freq_base: 'float',
    rope_freq_scale: 'float',
    yarn_ext_factor: 'float',
    yarn_attn_factor: 'float',
    yarn_beta_fast: 'float',
    yarn_beta_slow: 'float',
    yarn_orig_ctx: 'uint32_t',
    defrag_thold: 'float',
    cb_eval: 'void *',
    cb_eval_user_data: 'void *',
    type_k: 'int',
    type_v: 'int',
    abort_callback: 'void *',
    abort_callback_data: 'void *',
    embeddings: 'bool',
    offload_kqv: 'bool',
    no_perf: 'bool',
    op_offload: 'bool',
    swa_full: 'bool',
    kv_unified: 'bool',
    samplers: 'void *',
    n_samplers: 'size_t',
    ctx_other: 'void *',
  });
  koffi.struct('llama_model_quantize_params', {
    nthread: 'int32_t',
    ftype: 'int',
    output_tensor_type: 'int',
    token_embedding_type: 'int',
    allow_requantize: 'bool',
    quantize_output_tensor: 'bool',
    only_copy: 'bool',
    pure: 'bool',
    keep_split: 'bool',
    dry_run: 'bool',
    imatrix: 'void *',
    kv_overrides: 'void *',
    tt_overrides: 'void *',
    prune_layers: 'void *',
    max_buf_size: 'size_t',
  });
  koffi.struct('llama_batch', {
    n_tokens: 'int32_t',
    token: 'void *',
    embd: 'void *',
    pos: 'void *',
    n_seq_id: 'void *',
    seq_id: 'void *',
    logits: 'void *',
  });
  koffi.struct('llama_token_data_array', {
    data: 'void *',
    size: 'size_t',
    selected: 'int64_t',
    sorted: 'bool',
  });
  koffi.struct('ggml_threadpool_params', {
    cpumask: koffi.array('bool', 512),
    n_threads: 'int',
    prio: 'int',
    poll: 'uint32_t',
    strict_cpu: 'bool',
    paused: 'bool',
  });
}

/**
 * Struct sizes by the C rules, and the release's default values. If a field moved, the defaults that are read back differ,
 * which shows before anything is written to a wrong place. (Sources: llama-model.cpp, llama-context.cpp, llama-quant.cpp,
 * ggml.c of the release.)
 */
const EXPECTED = {
  llama_model_params: {
    bytes: 80,
    defaults: {
      n_gpu_layers: -1,
      split_mode: 1,
      main_gpu: 0,
      vocab_only: false,
      use_extra_bufts: true,
      load_mtp: false,
    },
  },
  llama_context_params: {
    bytes: 160,
    defaults: {
      n_ctx: 512,
      n_batch: 2048,
      n_seq_max: 1,
      n_outputs_max_per_seq: 1,
      n_threads: 4,
      pooling_type: -1,
      flash_attn_type: -1,
      yarn_ext_factor: -1,
      defrag_thold: -1,
      type_k: 1,
      type_v: 1,
      offload_kqv: true,
      swa_full: true,
      kv_unified: false,
      n_samplers: 0,
      ctx_other: null,
    },
  },
  llama_model_quantize_params: {
    bytes: 64,
    defaults: { nthread: 0, ftype: 7, output_tensor_type: 43, quantize_output_tensor: true, max_buf_size: 8 * 2 ** 30 },
  },
  ggml_threadpool_params: {
    bytes: 528,
    defaults: { n_threads: 3, prio: 0, poll: 50, strict_cpu: false, paused: false },
  },
} as const;

export type CheckedStruct = keyof typeof EXPECTED;

/** Compares version, sizes and defaults with the pinned release. @throws CogumiError LLAMA_LAYOUT with every field that differs. */
export function checkLayout(
  version: string,
  readBack: Readonly<Record<CheckedStruct, Readonly<Record<string, unknown>>>>,
): void {
  const problems = Object.entries(EXPECTED).flatMap(([struct, { bytes, defaults }]) => {
    const size = koffi.sizeof(struct);
    const wrong = size === bytes ? [] : [`${struct} has ${size} bytes instead of ${bytes}`];
    const got = readBack[struct as CheckedStruct];
    for (const [field, value] of Object.entries(defaults)) {
      const found = typeof got[field] === 'bigint' ? Number(got[field]) : got[field];
      if (found !== value) wrong.push(`${struct}.${field} is ${found} instead of ${value}`);
    }
    return wrong;
  });
  if (version !== LLAMA_VERSION) problems.unshift(`its version is "${version}" instead of "${LLAMA_VERSION}"`);
  if (problems.length > 0) {
    throw new CogumiError(
      'LLAMA_LAYOUT',
      `The installed llama.cpp is not the release this binding was written for: ${problems.join('; ')}.`,
      'Install the pinned packages again (`npm ci`).',
    );
  }
}
