import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readGgufHeader } from '../../packages/llama/src/index.ts';
import { ggufBytes } from '../../packages/llama/src/testing/gguf-bytes.ts';

/** SmolLM2-135M, as models/smollm2.py fetches it. */
export const DEFAULT_MODEL = '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf';

const LINEAR = /^blk\.\d+\.(attn_(q|k|v|output|qkv)|ffn_(gate|up|down))\.weight$/;

/** A LoRA of float16 for all linear weights of a model, with random values of a strength that changes texts and leaves them texts. */
export async function randomAdapter(modelPath: string, rank: number, seed: number): Promise<Buffer> {
  const { metadata, tensors } = await readGgufHeader(modelPath);
  let state = seed;
  const random = (count: number, most: number) =>
    Float16Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state / 2 ** 31 - 0.5) * most;
    });
  const weights = tensors.filter(({ name }) => LINEAR.test(name));
  return ggufBytes(
    {
      'general.type': { text: 'adapter' },
      'general.architecture': { text: String(metadata.get('general.architecture')) },
      'adapter.type': { text: 'lora' },
      'adapter.lora.alpha': { f32: rank },
    },
    weights.flatMap(({ name, shape }) => {
      const [input, output] = shape.map(Number) as [number, number];
      return [
        { name: `${name}.lora_a`, shape: [input, rank], values: random(input * rank, 2 / Math.sqrt(input)) },
        { name: `${name}.lora_b`, shape: [rank, output], values: random(rank * output, 0.05) },
      ];
    }),
  );
}

/** Writes random adapters into a folder. @returns Paths by name: `a`, `b` and `c`. */
export async function writeRandomAdapters(folder: string, modelPath: string, rank: number) {
  const adapters: Record<string, string> = {};
  for (const [at, name] of ['a', 'b', 'c'].entries()) {
    adapters[name] = join(folder, `${name}.gguf`);
    await writeFile(adapters[name], await randomAdapter(modelPath, rank, at + 1));
  }
  return adapters;
}
