import { CHAT_TEMPLATES } from '../../packages/factory/src/stages/chat-templates.ts';

/** Config and tensors of models whose weights are not here. */
export interface ModelShape {
  readonly id: string;
  /** As in its config.json. */
  readonly config: Readonly<Record<string, unknown>> & {
    readonly architectures: readonly [string];
    readonly hidden_size: number;
    readonly intermediate_size: number;
    readonly num_hidden_layers: number;
    readonly num_attention_heads: number;
    readonly num_key_value_heads: number;
    readonly head_dim: number;
    readonly vocab_size: number;
    readonly tie_word_embeddings: boolean;
  };
  /** Whether the file has a head of its own, as Qwen3 0.6B has in spite of tied embeddings. */
  readonly head: boolean;
  readonly shards: number;
  readonly gated: boolean;
  /** llama.cpp's name of the tokenizer's first step. */
  readonly preTokenizer: string;
  readonly template: string;
  /** Control tokens that its format needs, by their role, and further ones. */
  readonly marks: Readonly<Record<string, string>>;
  readonly moreMarks: readonly string[];
  /** Of all weight files, headers included, as the hub lists them; null where that is not known. */
  readonly fileBytes: number | null;
}

/** In the form of Qwen 3's: a last answer has a place for thoughts, also where it may have none. */
const QWEN_3_TEMPLATE =
  "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' }}" +
  "{%- if m.role == 'assistant' and loop.last %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}" +
  "{{- m.content + '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}" +
  "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}";

const QWEN_3 = {
  ...{ preTokenizer: 'qwen2', template: QWEN_3_TEMPLATE, moreMarks: ['<|im_start|>'] },
  marks: { eos: '<|im_end|>', pad: '<|endoftext|>' },
};
const LLAMA_3 = {
  ...{ preTokenizer: 'llama-bpe', template: CHAT_TEMPLATES['llama-3'].jinja },
  moreMarks: ['<|start_header_id|>', '<|end_header_id|>'],
  marks: { bos: '<|begin_of_text|>', eos: '<|eot_id|>', pad: '<|finetune_right_pad_id|>' },
};

const LLAMA = {
  architectures: ['LlamaForCausalLM'] as const,
  model_type: 'llama',
  vocab_size: 128_256,
  rms_norm_eps: 1e-5,
};
const rope = (factor: number) => ({
  rope_theta: 500_000,
  rope_scaling: {
    ...{ rope_type: 'llama3', factor, low_freq_factor: 1, high_freq_factor: 4 },
    original_max_position_embeddings: 8192,
  },
  max_position_embeddings: 131_072,
});

/** By recipe. Sources: the models' config.json, and the sizes that the hub lists. */
export const SHAPES: Readonly<Record<string, ModelShape>> = {
  'qwen3-0.6b': {
    id: 'Qwen/Qwen3-0.6B',
    config: {
      ...{ architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', hidden_size: 1024, intermediate_size: 3072 },
      ...{ num_hidden_layers: 28, num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128 },
      ...{ vocab_size: 151_936, tie_word_embeddings: true, rope_theta: 1_000_000, rms_norm_eps: 1e-6 },
      max_position_embeddings: 40_960,
    },
    ...QWEN_3,
    ...{ head: true, shards: 1, gated: false, fileBytes: 1_503_300_328 },
  },
  'llama-3.2-1b': {
    id: 'meta-llama/Llama-3.2-1B-Instruct',
    config: {
      ...{ ...LLAMA, ...rope(32), hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 16 },
      ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64, tie_word_embeddings: true },
    },
    ...LLAMA_3,
    ...{ head: false, shards: 1, gated: true, fileBytes: 2_471_645_608 },
  },
  'llama-3.1-8b': {
    id: 'meta-llama/Llama-3.1-8B-Instruct',
    config: {
      ...{ ...LLAMA, ...rope(8), hidden_size: 4096, intermediate_size: 14_336, num_hidden_layers: 32 },
      ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 128, tie_word_embeddings: false },
    },
    ...LLAMA_3,
    ...{ head: true, shards: 4, gated: true, fileBytes: null },
  },
};

/** Name and shape of every tensor, in the order of the layers. */
export function tensorsOf({ config, head }: ModelShape): [string, number[]][] {
  const { hidden_size: hidden, intermediate_size: inner, vocab_size: vocabulary, head_dim: width } = config;
  const queries = config.num_attention_heads * width;
  const keys = config.num_key_value_heads * width;
  const layer = (at: number): [string, number[]][] => {
    const own: [string, number[]][] = [
      ['self_attn.q_proj', [queries, hidden]],
      ['self_attn.k_proj', [keys, hidden]],
      ['self_attn.v_proj', [keys, hidden]],
      ['self_attn.o_proj', [hidden, queries]],
      ...(config.model_type === 'qwen3'
        ? ([
            ['self_attn.q_norm', [width]],
            ['self_attn.k_norm', [width]],
          ] as [string, number[]][])
        : []),
      ['mlp.gate_proj', [inner, hidden]],
      ['mlp.up_proj', [inner, hidden]],
      ['mlp.down_proj', [hidden, inner]],
      ['input_layernorm', [hidden]],
      ['post_attention_layernorm', [hidden]],
    ];
    return own.map(([name, shape]) => [`model.layers.${at}.${name}.weight`, shape]);
  };
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...Array.from({ length: config.num_hidden_layers }, (_, at) => layer(at)).flat(),
    ['model.norm.weight', [hidden]],
    ...(head ? ([['lm_head.weight', [vocabulary, hidden]]] as [string, number[]][]) : []),
  ];
}

/** A weight file with its header only: BF16, as all three are. */
export function beginningOf(tensors: readonly (readonly [string, readonly number[]])[]) {
  let end = 0;
  const header = Object.fromEntries(
    tensors.map(([name, shape]) => {
      const from = end;
      end += 2 * shape.reduce((product, length) => product * length, 1);
      return [name, { dtype: 'BF16', shape, data_offsets: [from, end] }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return { head: Buffer.concat([length, text]), length: 8 + text.length + end };
}

/** The tensors in as many files as the model has, with the index that says which is where. */
export function filesOf(shape: ModelShape) {
  const tensors = tensorsOf(shape);
  if (shape.shards === 1) return { weights: { 'model.safetensors': beginningOf(tensors) }, index: null };
  const share = Math.ceil(tensors.length / shape.shards);
  const name = (at: number) => `model-0000${at + 1}-of-0000${shape.shards}.safetensors`;
  const places = tensors.map(([tensor], at) => [tensor, name(Math.floor(at / share))] as const);
  const weights = Object.fromEntries(
    Array.from({ length: shape.shards }, (_, at) => [
      name(at),
      beginningOf(tensors.slice(at * share, (at + 1) * share)),
    ]),
  );
  return { weights, index: { metadata: {}, weight_map: Object.fromEntries(places) } };
}
