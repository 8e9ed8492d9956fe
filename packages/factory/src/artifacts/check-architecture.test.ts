import { describe, expect, it } from 'vitest';
import { checkArchitecture } from './check-architecture.ts';

// As transformers writes them, reduced to what a check reads.
const llama = { architectures: ['LlamaForCausalLM'], hidden_act: 'silu', rope_parameters: { rope_type: 'default' } };
const gemma2 = {
  architectures: ['Gemma2ForCausalLM'],
  hidden_size: 2304,
  num_attention_heads: 8,
  num_hidden_layers: 26,
  head_dim: 256,
  query_pre_attn_scalar: 256,
  attn_logit_softcapping: 50,
  final_logit_softcapping: 30,
  layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],
};

describe('checkArchitecture', () => {
  it.each([
    ['Llama 2, before transformers named the rotation', { architectures: ['LlamaForCausalLM'], rope_scaling: null }],
    ['Llama 3', { ...llama, rope_scaling: { rope_type: 'llama3', factor: 8 } }],
    ['Mistral with a window', { architectures: ['MistralForCausalLM'], sliding_window: 4096 }],
    ['Gemma 2', gemma2],
    [
      'Gemma 2 of 27 B',
      {
        ...gemma2,
        num_hidden_layers: 46,
        hidden_size: 4608,
        num_attention_heads: 32,
        head_dim: 128,
        query_pre_attn_scalar: 144,
      },
    ],
    ['Qwen 2.5', { architectures: ['Qwen2ForCausalLM'], use_sliding_window: false, sliding_window: 32768 }],
    ['SmolLM3', { architectures: ['SmolLM3ForCausalLM'], no_rope_layers: [1, 1, 1, 0, 1] }],
  ])('takes %s', (_, settings) => {
    expect(checkArchitecture('base', settings)).toBe(settings.architectures[0]);
  });

  it.each([
    ['an architecture with experts', { architectures: ['MixtralForCausalLM'] }, 'MixtralForCausalLM'],
    ['one that also sees', { architectures: ['Gemma3ForConditionalGeneration'] }, 'Gemma3ForConditionalGeneration'],
    ['a config that names none', { model_type: 'gpt2' }, 'model_type gpt2'],
    ['a name of every object', { architectures: ['constructor'] }, 'constructor'],
  ])('refuses %s by name, with the names it takes', (_, settings, name) => {
    expect(() => checkArchitecture('base', settings)).toThrow(
      expect.objectContaining({
        code: 'ARCHITECTURE_UNKNOWN',
        message: expect.stringContaining(name),
        hint: expect.stringContaining('LlamaForCausalLM'),
      }),
    );
  });

  it.each([
    ['another activation', { ...llama, hidden_act: 'gelu' }, 'hidden_act is "gelu", it holds silu'],
    ['another rotation', { ...llama, rope_scaling: { type: 'dynamic', factor: 2 } }, 'the types default, llama3'],
    [
      'a rotation inside a kind of layer',
      { ...llama, rope_parameters: { full_attention: { rope_type: 'yarn' } } },
      'yarn',
    ],
    ['part of a rotation', { ...llama, rope_parameters: { partial_rotary_factor: 0.75 } }, 'partial_rotary_factor'],
    [
      'another pattern',
      { architectures: ['Gemma3ForCausalLM'], sliding_window_pattern: 4 },
      'sliding_window_pattern is 4',
    ],
    ['another scale of attention', { ...gemma2, query_pre_attn_scalar: 224 }, 'query_pre_attn_scalar is 224'],
    [
      'another order of layers',
      { ...gemma2, layer_types: ['full_attention', 'sliding_attention'] },
      'full_attention in layers that are multiples of 2',
    ],
    ['no soft-capping', { ...gemma2, attn_logit_softcapping: null }, 'attn_logit_softcapping is null'],
    [
      'a window in Qwen',
      { architectures: ['Qwen3ForCausalLM'], use_sliding_window: true },
      'use_sliding_window is true',
    ],
    [
      'heads of another width',
      { architectures: ['Qwen2ForCausalLM'], head_dim: 32, hidden_size: 64, num_attention_heads: 4 },
      'head_dim is 32',
    ],
  ])('refuses %s, which the file cannot hold', (_, settings, message) => {
    expect(() => checkArchitecture('base', settings)).toThrow(
      expect.objectContaining({ code: 'ARCHITECTURE_SETTING', message: expect.stringContaining(message) }),
    );
  });

  it('names all such settings at once', () => {
    const settings = { ...gemma2, attention_bias: true, tie_word_embeddings: false };
    expect(() => checkArchitecture('base', settings)).toThrow(/attention_bias is true.*tie_word_embeddings is false/);
  });
});
