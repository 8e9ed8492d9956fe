/** Settings of a model's config.json, as others wrote them. */
export type ModelSettings = Readonly<Record<string, unknown>>;

/** What a GGUF file of an architecture cannot say of a model: a setting that has to have one of few values. */
interface Limit {
  readonly setting: string;
  /** Whether the file holds the setting as it is. */
  readonly holds: (settings: ModelSettings) => boolean;
  /** What the file holds, for people. */
  readonly only: string;
}

export interface Architecture {
  /** llama.cpp's name, `general.architecture` in a GGUF file. */
  readonly gguf: string;
  readonly limits: readonly Limit[];
}

const number = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise);

/** A setting that has one of these values, or is left out. */
function oneOf(setting: string, ...values: readonly (string | number | boolean | null)[]): Limit {
  const shown = values.map((value) => String(value)).join(' or ');
  return { setting, holds: (settings) => values.includes((settings[setting] ?? values[0]) as string), only: shown };
}

/** Scalings of positions (RoPE), in any of the places where transformers writes them. */
function ropeTypes(...types: readonly string[]): Limit {
  const typesOf = (value: unknown): unknown[] => {
    if (value === null || typeof value !== 'object') return [];
    const own = value as Record<string, unknown>;
    return [own.rope_type ?? own.type, ...typesOf(own.full_attention), ...typesOf(own.sliding_attention)];
  };
  return {
    setting: 'rope_parameters',
    holds: (settings) =>
      [settings.rope_parameters, settings.rope_scaling]
        .flatMap(typesOf)
        .every((type) => type === undefined || types.includes(type as string)),
    only: `the types ${types.join(', ')}`,
  };
}

/** Every `every`-th layer is of another kind than the rest. */
function everyLayer(setting: string, every: number, own: unknown, rest: unknown): Limit {
  return {
    setting,
    holds: (settings) => {
      const layers = settings[setting];
      if (!Array.isArray(layers)) return true;
      return layers.every((layer, at) => layer === ((at + 1) % every === 0 ? own : rest));
    },
    only: `${String(own)} in layers that are multiples of ${every} and ${String(rest)} in the others`,
  };
}

/** llama.cpp scales Gemma's attention by the width of a head, in the largest model by hidden size / heads. */
function gemmaScale(layersOfLargest: number): Limit {
  return {
    setting: 'query_pre_attn_scalar',
    holds: (settings) => {
      const largest = settings.num_hidden_layers === layersOfLargest;
      const perHead = number(settings.hidden_size, 0) / number(settings.num_attention_heads, 1);
      return number(settings.query_pre_attn_scalar, 256) === (largest ? perHead : number(settings.head_dim, 256));
    },
    only: 'the width of a head',
  };
}

/** Heads that divide the hidden size among them. */
const plainHeads: Limit = {
  setting: 'head_dim',
  holds: ({ head_dim, hidden_size, num_attention_heads }) =>
    (head_dim ?? null) === null || head_dim === number(hidden_size, 0) / number(num_attention_heads, 1),
  only: 'hidden_size / num_attention_heads',
};
const silu = oneOf('hidden_act', 'silu');
/** All of a head is rotated; transformers 5 writes the share beside the rotation. */
const wholeRotation: Limit = {
  setting: 'partial_rotary_factor',
  holds: ({ partial_rotary_factor: own, rope_parameters: rope }) =>
    [own, (rope as ModelSettings | null | undefined)?.partial_rotary_factor].every((share) => (share ?? 1) === 1),
  only: '1',
};
const noWindow = oneOf('use_sliding_window', false);
const noBias = oneOf('attention_bias', false);
const gemmaLimits = [
  oneOf('hidden_activation', 'gelu_pytorch_tanh', null),
  noBias,
  oneOf('use_bidirectional_attention', false, null),
  oneOf('tie_word_embeddings', true),
];

/**
 * The architectures that a build takes, by their name in config.json's `architectures`. Each went through load, LoRA on all linear
 * layers, merge, export, quantization and llama.cpp with the same answers as PyTorch: `npm run exam -- architectures`. Limits: the
 * converters and models of the pinned llama.cpp (scripts/llama-source.json).
 */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  // Llama 2 and 3, SmolLM2.
  LlamaForCausalLM: { gguf: 'llama', limits: [silu, ropeTypes('default', 'llama3'), wholeRotation] },
  MistralForCausalLM: { gguf: 'llama', limits: [silu, ropeTypes('default'), wholeRotation] },
  SmolLM3ForCausalLM: {
    gguf: 'smollm3',
    limits: [silu, ropeTypes('default'), noWindow, noBias, everyLayer('no_rope_layers', 4, 0, 1)],
  },
  // Qwen 2 and 2.5.
  Qwen2ForCausalLM: { gguf: 'qwen2', limits: [silu, ropeTypes('default'), noWindow, plainHeads] },
  Qwen3ForCausalLM: { gguf: 'qwen3', limits: [silu, ropeTypes('default'), noWindow, noBias] },
  Gemma2ForCausalLM: {
    gguf: 'gemma2',
    limits: [
      ...gemmaLimits,
      ropeTypes('default'),
      gemmaScale(46),
      everyLayer('layer_types', 2, 'full_attention', 'sliding_attention'),
      ...['attn_logit_softcapping', 'final_logit_softcapping'].map((setting) => ({
        setting,
        holds: (settings: ModelSettings) => settings[setting] !== null,
        only: 'a number',
      })),
    ],
  },
  Gemma3ForCausalLM: {
    gguf: 'gemma3',
    limits: [
      ...gemmaLimits,
      ropeTypes('default', 'linear'),
      gemmaScale(62),
      everyLayer('layer_types', 6, 'full_attention', 'sliding_attention'),
      oneOf('sliding_window_pattern', 6),
      oneOf('attn_logit_softcapping', null),
    ],
  },
  Phi3ForCausalLM: {
    gguf: 'phi3',
    limits: [silu, ropeTypes('default'), wholeRotation, noBias],
  },
};
