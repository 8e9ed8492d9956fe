import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tensors of a safetensors file by name: BF16, all zero. */
type Shapes = Readonly<Record<string, readonly number[]>>;

/** A safetensors file of zeros. @param fill - Bits of every value instead. */
export function zeros(shapes: Shapes, fill = 0): Buffer {
  let end = 0;
  const header: Record<string, object> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const from = end;
    end += 2 * shape.reduce((product, length) => product * length, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [from, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const values = Buffer.from(new Uint16Array(end / 2).fill(fill).buffer);
  return Buffer.concat([length, text, values]);
}

/** Two shards of a Llama with one layer: 3,088 weights. */
export const SHARDS: Readonly<Record<string, Shapes>> = {
  'model-00001-of-00002.safetensors': {
    'model.embed_tokens.weight': [64, 16],
    'model.norm.weight': [16],
  },
  'model-00002-of-00002.safetensors': {
    'model.layers.0.self_attn.k_proj.weight': [8, 16],
    'model.layers.0.mlp.up_proj.weight': [120, 16],
  },
};

/**
 * Writes a sharded model with a tokenizer and a chat template, all of whose weights are zero.
 *
 * @param more - Further files, or others of the same names; null: the file is left out.
 */
export function writeModel(folder: string, more: Readonly<Record<string, string | Buffer | null>> = {}): string {
  const places = Object.entries(SHARDS).flatMap(([file, shapes]) => Object.keys(shapes).map((name) => [name, file]));
  const files: Record<string, string | Buffer | null> = {
    'config.json': JSON.stringify({ architectures: ['LlamaForCausalLM'], num_attention_heads: 2 }),
    'tokenizer.json': '{}',
    'chat_template.jinja': '{{ messages }}',
    'README.md': '---\nlicense: apache-2.0\n---\n# A model\n',
    'model.safetensors.index.json': JSON.stringify({ weight_map: Object.fromEntries(places) }),
    ...Object.fromEntries(Object.entries(SHARDS).map(([file, shapes]) => [file, zeros(shapes)])),
    ...more,
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) if (content !== null) writeFileSync(join(folder, name), content);
  return folder;
}
