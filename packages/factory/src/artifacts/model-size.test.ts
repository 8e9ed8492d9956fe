import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../engine/index.ts';
import { readModelSize } from './model-size.ts';

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-model-size-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const VALUE_BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

/** A file of tensors whose values are all zero. */
function header(tensors: Readonly<Record<string, { dtype: string; shape: number[] }>>): Buffer {
  let end = 0;
  const listed = Object.entries(tensors).map(([name, tensor]) => {
    const from = end;
    const bytes = tensor.shape.reduce((product, length) => product * length, VALUE_BYTES[tensor.dtype] ?? 0);
    // A shape that no file could hold has no values here.
    end += bytes >= 0 && bytes < 1e6 ? bytes : 0;
    return [name, { ...tensor, data_offsets: [from, end] }];
  });
  const text = Buffer.from(JSON.stringify({ __metadata__: {}, ...Object.fromEntries(listed) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(end)]);
}

describe('readModelSize', () => {
  it('reads the seedling: 3.67 M weights in bf16', async () => {
    const size = await readModelSize(join(ROOT, 'models/seedling'));
    expect(size).toMatchObject({ vocabularySize: 2048, bits: 16 });
    expect(size?.parameters).toBeGreaterThan(3.6e6);
    expect(size?.parameters).toBeLessThan(3.7e6);
  });

  it('counts the shards of a model together, and only matrices of layers as adaptable', async () => {
    const config = {
      num_hidden_layers: 2,
      hidden_size: 8,
      vocab_size: 10,
      num_attention_heads: 2,
      num_key_value_heads: 1,
    };
    const folder = folderWith({
      'config.json': JSON.stringify(config),
      'model-1.safetensors': header({ 'model.embed_tokens.weight': { dtype: 'F32', shape: [10, 8] } }),
      'model-2.safetensors': header({
        'model.layers.0.self_attn.q_proj.weight': { dtype: 'BF16', shape: [8, 8] },
        'model.layers.1.mlp.up_proj.weight': { dtype: 'BF16', shape: [16, 8] },
        'model.layers.1.norm.weight': { dtype: 'BF16', shape: [8] },
      }),
    });
    // By hand: 80 + 64 + 128 + 8 weights, 80 of them with 32 bits.
    expect(await readModelSize(folder)).toEqual({
      ...{ parameters: 280, layers: 2, hiddenSize: 8, vocabularySize: 10, linearSpan: 16 + 24, keyWidth: 4 },
      bits: (80 * 32 + 200 * 16) / 280,
    });
  });

  it('reads the text part of a model that also sees, where its config leaves out what is the default', async () => {
    // As google/gemma-3-4b-it has it: no vocabulary, no heads, and both parts have layers.
    const config = {
      ...{ architectures: ['Gemma3ForConditionalGeneration'], model_type: 'gemma3' },
      text_config: { hidden_size: 8, num_hidden_layers: 2, model_type: 'gemma3_text' },
      vision_config: { hidden_size: 4, num_hidden_layers: 3, num_attention_heads: 4, vocab_size: 7 },
    };
    const bf16 = (...shape: number[]) => ({ dtype: 'BF16', shape });
    const folder = folderWith({
      'config.json': JSON.stringify(config),
      'model.safetensors': header({
        'language_model.model.embed_tokens.weight': bf16(10, 8),
        'language_model.model.layers.0.self_attn.k_proj.weight': bf16(6, 8),
        'language_model.model.layers.1.self_attn.k_proj.weight': bf16(6, 8),
        'vision_tower.vision_model.encoder.layers.0.self_attn.k_proj.weight': bf16(4, 4),
        'vision_tower.vision_model.encoder.layers.2.self_attn.k_proj.weight': bf16(4, 4),
      }),
    });
    expect(await readModelSize(folder)).toEqual({
      ...{ parameters: 80 + 2 * 48 + 2 * 16, layers: 2, hiddenSize: 8, vocabularySize: 10 },
      ...{ linearSpan: 2 * 14, keyWidth: 6, bits: 16 },
    });
  });

  it('takes from the text part of a config what the tensors do not tell', async () => {
    const config = {
      text_config: { num_hidden_layers: 5, hidden_size: 6, vocab_size: 9, num_attention_heads: 3, head_dim: 4 },
      ...{ num_hidden_layers: 1, vocab_size: 2 },
    };
    const file = header({ 'wte.weight': { dtype: 'F32', shape: [9, 6] } });
    const folder = folderWith({ 'config.json': JSON.stringify(config), 'model.safetensors': file });
    expect(await readModelSize(folder)).toMatchObject({ layers: 5, hiddenSize: 6, vocabularySize: 9, keyWidth: 12 });
  });

  it('says nothing of a folder that is no model, or of a header that promises more than the file holds', async () => {
    expect(await readModelSize(folderWith({}))).toBeNull();
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(2n ** 40n);
    expect(await readModelSize(folderWith({ 'config.json': '{}', 'model.safetensors': length }))).toBeNull();
  });

  it.each([
    ['a shape of text', { dtype: 'F32', shape: ['x'] }, '{}'],
    ['a negative shape', { dtype: 'F32', shape: [-1000, -1000] }, '{}'],
    ['an empty shape and no weight', { dtype: 'F32', shape: [0] }, '{}'],
    ['a shape beyond all numbers', { dtype: 'F32', shape: [1e200, 1e200] }, '{}'],
    [
      'heads without number',
      { dtype: 'constructor', shape: [2, 2] },
      '{"num_attention_heads":0,"num_hidden_layers":-1e12}',
    ],
  ])('gives only finite figures for %s, or none', async (_what, tensor, config) => {
    const file = header({ 'model.layers.0.q.weight': tensor as { dtype: string; shape: number[] } });
    const size = await readModelSize(folderWith({ 'config.json': config, 'model.safetensors': file }));
    expect(Object.values(size ?? {}).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  });
});
