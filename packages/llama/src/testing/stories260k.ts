import { readFileSync } from 'node:fs';
import { sharedData } from '@cogumi/pure/testing';
import { type F32Tensor, type GgufValue, ggufBytes } from './gguf-bytes.ts';

/** `llama_token_type` of llama.h. */
const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/**
 * The real trained Llama "stories260K" of llama2.c as a GGUF in float32. Its RoPE turns neighbouring pairs, as GGUF's
 * `llama` architecture does, so nothing is permuted.
 *
 * @param options - `metadata`: entries to add or replace; `change`: maps each tensor to the one that is written; `silentLayers`: as many
 * more that add nothing, so the larger model says what this one says.
 */
export function stories260k(options: StoriesOptions = {}): Buffer {
  const { metadata, tensors } = storiesContent(options);
  return ggufBytes(metadata, tensors);
}

/** The same model in several files, as `llama-gguf-split` writes them. */
export function storiesParts(count: number): Buffer[] {
  const { metadata, tensors } = storiesContent({});
  const most = Math.ceil(tensors.length / count);
  return Array.from({ length: count }, (_, part) =>
    ggufBytes(
      {
        ...(part === 0 ? metadata : {}),
        'split.no': { u16: part },
        'split.count': { u16: count },
        'split.tensors.count': { i32: tensors.length },
      },
      tensors.slice(part * most, (part + 1) * most),
    ),
  );
}

interface StoriesOptions {
  readonly metadata?: Readonly<Record<string, GgufValue>>;
  readonly change?: (tensor: F32Tensor) => F32Tensor;
  readonly silentLayers?: number;
}

function storiesContent({ metadata = {}, change = (tensor) => tensor, silentLayers = 0 }: StoriesOptions): {
  metadata: Record<string, GgufValue>;
  tensors: F32Tensor[];
} {
  const file = readFileSync(sharedData('models/stories260K/stories260K.bin'));
  const [dim, hidden, layers, heads, kvHeads, vocabulary, context] = Array.from(
    new Int32Array(file.buffer.slice(file.byteOffset, file.byteOffset + 28)),
  ) as [number, number, number, number, number, number, number];
  const kvDim = (dim / heads) * kvHeads;
  let at = file.byteOffset + 28;
  const take = (count: number) => {
    const values = new Float32Array(file.buffer.slice(at, at + count * 4));
    at += count * 4;
    return values;
  };
  const embeddings = { name: 'token_embd.weight', shape: [dim, vocabulary], values: take(dim * vocabulary) };
  const everyLayer = (name: string, shape: readonly number[]): F32Tensor[] =>
    Array.from({ length: layers }, (_, layer) => ({
      name: `blk.${layer}.${name}.weight`,
      shape,
      values: take(shape.reduce((product, length) => product * length, 1)),
    }));
  const blocks = [
    ...everyLayer('attn_norm', [dim]),
    ...everyLayer('attn_q', [dim, dim]),
    ...everyLayer('attn_k', [dim, kvDim]),
    ...everyLayer('attn_v', [dim, kvDim]),
    ...everyLayer('attn_output', [dim, dim]),
    ...everyLayer('ffn_norm', [dim]),
    ...everyLayer('ffn_gate', [dim, hidden]),
    ...everyLayer('ffn_down', [hidden, dim]),
    ...everyLayer('ffn_up', [dim, hidden]),
  ];
  const silent = blocks
    .filter(({ name }) => name.startsWith('blk.0.'))
    .flatMap(({ name, shape, values }) =>
      Array.from({ length: silentLayers }, (_, layer) => ({
        name: name.replace('blk.0.', `blk.${layers + layer}.`),
        shape,
        values: new Float32Array(values.length),
      })),
    );
  const norm = { name: 'output_norm.weight', shape: [dim], values: take(dim) };
  return {
    metadata: {
      'general.architecture': { text: 'llama' },
      'general.name': { text: 'stories260K' },
      'llama.context_length': { u32: context },
      'llama.embedding_length': { u32: dim },
      'llama.block_count': { u32: layers + silentLayers },
      'llama.feed_forward_length': { u32: hidden },
      'llama.attention.head_count': { u32: heads },
      'llama.attention.head_count_kv': { u32: kvHeads },
      'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
      'llama.rope.dimension_count': { u32: dim / heads },
      'llama.rope.freq_base': { f32: 10_000 },
      ...tokenizer(vocabulary),
      ...metadata,
    },
    tensors: [embeddings, ...blocks, ...silent, norm].map(change),
  };
}

/** Reads `tok512.bin`: the length of the longest piece, then score, length and bytes of each piece. */
function tokenizer(count: number): Record<string, GgufValue> {
  const file = readFileSync(sharedData('models/stories260K/tok512.bin'));
  const texts: string[] = [];
  const scores: number[] = [];
  let at = 4;
  for (let token = 0; token < count; token++) {
    scores.push(file.readFloatLE(at));
    const length = file.readInt32LE(at + 4);
    // The file has line breaks around the names of the two special tokens.
    texts.push(
      file
        .toString('utf8', at + 8, at + 8 + length)
        .replace(/^\n(<.*>)\n$/, '$1')
        .replaceAll(' ', '▁'),
    );
    at += 8 + length;
  }
  const kinds = texts.map((text, token) => {
    if (token === 0) return KIND.unknown;
    if (token <= 2) return KIND.control;
    return /^<0x[0-9A-F]{2}>$/.test(text) ? KIND.byte : KIND.normal;
  });
  return {
    'tokenizer.ggml.model': { text: 'llama' },
    'tokenizer.ggml.tokens': { texts },
    'tokenizer.ggml.scores': { f32s: scores },
    'tokenizer.ggml.token_type': { i32s: kinds },
    'tokenizer.ggml.bos_token_id': { u32: 1 },
    'tokenizer.ggml.eos_token_id': { u32: 2 },
    'tokenizer.ggml.unknown_token_id': { u32: 0 },
  };
}

/** A LoRA with random weights. */
export interface RandomLora {
  /** Base tensor to its pair: `a` is [rank, input] and `b` is [output, rank], row-major. */
  readonly pairs: ReadonlyMap<string, { readonly a: Float32Array; readonly b: Float32Array }>;
  readonly file: Buffer;
}

/** Input and output of the matrices of a layer. */
const SHAPES = {
  attn_q: [64, 64],
  attn_k: [64, 32],
  attn_v: [64, 32],
  attn_output: [64, 64],
  ffn_gate: [64, 172],
  ffn_up: [64, 172],
  ffn_down: [172, 64],
} as const;

/**
 * @param size - Scale of the weights: 0 changes nothing, 1 changes the answers.
 * @param alpha - The product is scaled by alpha / rank.
 * @param width - Another input and output than the model's, for an adapter that does not fit.
 */
export function randomLora(
  seed: number,
  {
    size = 1,
    rank = 4,
    alpha = 4,
    width,
    layers = 5,
    modules = ['attn_q', 'attn_output'],
  }: {
    size?: number;
    rank?: number;
    alpha?: number;
    width?: number;
    layers?: number;
    modules?: readonly (keyof typeof SHAPES)[];
  } = {},
): RandomLora {
  let state = seed;
  const random = (count: number, max: number) =>
    Float32Array.from({ length: count }, () => {
      // The example generator of the C standard: good enough for meaningless weights.
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state / 2 ** 31 - 0.5) * max;
    });
  const shapeOf = (module: keyof typeof SHAPES) => (width === undefined ? SHAPES[module] : [width, width]);
  const weights = Array.from({ length: layers }, (_, layer) =>
    modules.map((module) => ({ name: `blk.${layer}.${module}.weight`, shape: shapeOf(module) })),
  ).flat();
  const made = weights.map(({ name, shape: [input, output] }) => ({
    name,
    input: input as number,
    output: output as number,
    a: random(rank * (input as number), 0.5),
    b: random(rank * (output as number), size),
  }));
  const file = ggufBytes(
    {
      'general.type': { text: 'adapter' },
      'general.architecture': { text: 'llama' },
      'adapter.type': { text: 'lora' },
      'adapter.lora.alpha': { f32: alpha },
    },
    made.flatMap(({ name, input, output, a, b }) => [
      { name: `${name}.lora_a`, shape: [input, rank], values: a },
      { name: `${name}.lora_b`, shape: [rank, output], values: b },
    ]),
  );
  return { pairs: new Map(made.map(({ name, a, b }) => [name, { a, b }])), file };
}
