import { readFile } from 'node:fs/promises';
import { ggufBytes, ggufEntry } from '@cogumi/llama/testing';
import { sharedData } from '@cogumi/pure/testing';

const TEMPLATE =
  "{% for message in messages %}{{ '[' + message.role + '] ' + message.content + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '[assistant] ' }}{% endif %}";

/**
 * A complete Llama of half a million random weights (hidden size 8, vocabulary 32,000) that has a chat template.
 *
 * @param options - `contextTokens`: the context length in its metadata.
 */
export async function tinyModel({ contextTokens = 4096 } = {}): Promise<Buffer> {
  const model = await readFile(sharedData('models/llama-2-tiny-random/llama-2-tiny-random.gguf'));
  const key = 'llama.context_length';
  model.writeUInt32LE(contextTokens, model.indexOf(key) + key.length + 4);
  // The new entry is padded to a multiple of the alignment (32), so that the tensors after it keep their alignment.
  const name = 'tokenizer.chat_template';
  const bare = ggufEntry(name, { text: TEMPLATE }).length;
  const entry = ggufEntry(name, { text: TEMPLATE + ' '.repeat((32 - (bare % 32)) % 32) });
  const header = Buffer.from(model.subarray(0, 24));
  header.writeBigUInt64LE(header.readBigUInt64LE(16) + 1n, 16);
  return Buffer.concat([header, entry, model.subarray(24)]);
}

/**
 * A LoRA of rank 4 for `tinyModel`. Its weights differ by `seed` and are large enough to change the answers.
 *
 * @param base - Digest of the base that its file names; default: none.
 */
export function tinyAdapter(seed: number, base?: string): Buffer {
  const rank = 4;
  const width = 8;
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return (state / 2 ** 31 - 0.5) * 6;
  };
  const tensor = (name: string, shape: readonly number[]) => ({
    name,
    shape,
    values: Float32Array.from({ length: rank * width }, random),
  });
  return ggufBytes(
    {
      'general.type': { text: 'adapter' },
      'general.architecture': { text: 'llama' },
      'adapter.type': { text: 'lora' },
      'adapter.lora.alpha': { f32: rank },
      ...(base === undefined ? {} : { 'cogumi.base.digest': { text: base } }),
    },
    ['attn_q', 'attn_v', 'attn_output'].flatMap((layer) => [
      tensor(`blk.0.${layer}.weight.lora_a`, [width, rank]),
      tensor(`blk.0.${layer}.weight.lora_b`, [rank, width]),
    ]),
  );
}
