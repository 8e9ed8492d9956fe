import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The real files that tests read: `COGUMI_SHARED_DATA`, else beside the repository. */
export function sharedData(path: string): string {
  const folder = process.env.COGUMI_SHARED_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data');
  const full = join(folder, path);
  if (!existsSync(full)) throw new Error(`${full} is missing: set COGUMI_SHARED_DATA to the folder of test data.`);
  return full;
}

const TEMPLATE =
  "{% for message in messages %}{{ '[' + message.role + '] ' + message.content + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '[assistant] ' }}{% endif %}";

/**
 * A complete Llama of half a million random weights (hidden size 8, vocabulary 32,000) that has a chat template.
 *
 * @param options - `contextTokens`: what it says that it was made for.
 */
export async function tinyModel({ contextTokens = 4096 } = {}): Promise<Buffer> {
  const model = await readFile(sharedData('models/llama-2-tiny-random/llama-2-tiny-random.gguf'));
  const length = text('llama.context_length');
  model.writeUInt32LE(contextTokens, model.indexOf(length) + length.length + 4);
  // One metadata entry more, a multiple of the alignment (32) long, so that the tensors behind it stay where they belong.
  const bare = text('tokenizer.chat_template').length + 4 + 8 + TEMPLATE.length;
  const entry = Buffer.concat([
    text('tokenizer.chat_template'),
    u32(8),
    text(TEMPLATE + ' '.repeat((32 - (bare % 32)) % 32)),
  ]);
  const header = Buffer.from(model.subarray(0, 24));
  header.writeBigUInt64LE(header.readBigUInt64LE(16) + 1n, 16);
  return Buffer.concat([header, entry, model.subarray(24)]);
}

/** A LoRA of rank 4 for that model, with weights that differ by `seed` and are large enough to change what it says. */
export function tinyAdapter(seed: number): Buffer {
  const rank = 4;
  const width = 8;
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return (state / 2 ** 31 - 0.5) * 6;
  };
  const tensors = ['attn_q', 'attn_v', 'attn_output'].flatMap((layer) => [
    { name: `blk.0.${layer}.weight.lora_a`, shape: [width, rank] },
    { name: `blk.0.${layer}.weight.lora_b`, shape: [rank, width] },
  ]);
  const bytes = rank * width * 4;
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(4),
    ...['general.type', 'adapter', 'general.architecture', 'llama', 'adapter.type', 'lora'].map((value, at) =>
      at % 2 === 0 ? Buffer.concat([text(value), u32(8)]) : text(value),
    ),
    text('adapter.lora.alpha'),
    u32(6),
    f32(rank),
    ...tensors.map(({ name, shape }, at) =>
      Buffer.concat([text(name), u32(2), ...shape.map(u64), u32(0), u64(at * bytes)]),
    ),
  ]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  const values = Array.from({ length: (tensors.length * bytes) / 4 }, () => f32(random()));
  return Buffer.concat([head, padding, ...values]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
