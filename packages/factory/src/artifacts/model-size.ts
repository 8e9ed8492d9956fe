import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A header names each tensor in about 100 bytes; 100 MB is what the safetensors library itself allows. */
export const LARGEST_HEADER_BYTES = 100_000_000;

/** What the time, the files and the memory of a stage depend on. */
export interface ModelSize {
  /** Weights in all tensors; a head that shares the embedding's weights counts once. */
  readonly parameters: number;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** Rows plus columns of the matrices of all layers: an adapter of rank r on all of them has r times as many weights. */
  readonly linearSpan: number;
  /** Values of keys that a layer keeps for a token; as many again for values. */
  readonly keyWidth: number;
  /** Bits of a weight in the file. */
  readonly bits: number;
}

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Bits of safetensors' types that a model can be trained in. */
const BITS: Readonly<Record<string, number>> = { F64: 64, F32: 32, F16: 16, BF16: 16 };

/**
 * Size of a model in Hugging Face form, from its config and the headers of its weights; no tensor is read.
 *
 * @returns null for a folder that is no readable model: the stage that takes it in says what is wrong with it.
 */
export async function readModelSize(folder: string): Promise<ModelSize | null> {
  try {
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    const files = (await readdir(folder)).filter((file) => file.endsWith('.safetensors'));
    const tensors = (await Promise.all(files.map((file) => readTensors(join(folder, file))))).flat();
    return tensors.length === 0 ? null : sizeOf(config, tensors);
  } catch {
    return null;
  }
}

function sizeOf(config: Readonly<Record<string, unknown>>, tensors: readonly (readonly [string, Tensor])[]): ModelSize {
  const number = (name: string, otherwise: number) => (typeof config[name] === 'number' ? config[name] : otherwise);
  const heads = number('num_attention_heads', 1);
  const hiddenSize = number('hidden_size', 1);
  const inLayers = tensors.filter(([name, { shape }]) => /\.layers?\.\d+\./.test(name) && shape.length === 2);
  const weights = ({ shape }: Tensor) => shape.reduce((product, length) => product * length, 1);
  const parameters = tensors.reduce((sum, [, tensor]) => sum + weights(tensor), 0);
  return {
    parameters,
    layers: number('num_hidden_layers', 1),
    hiddenSize,
    vocabularySize: number('vocab_size', 1),
    linearSpan: inLayers.reduce((sum, [, { shape }]) => sum + shape[0]! + shape[1]!, 0),
    keyWidth: number('num_key_value_heads', heads) * number('head_dim', hiddenSize / heads),
    bits: tensors.reduce((sum, [, tensor]) => sum + weights(tensor) * (BITS[tensor.dtype] ?? 16), 0) / parameters,
  };
}

/** Names, types and shapes from the header of a safetensors file. */
async function readTensors(path: string): Promise<[string, Tensor][]> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    const length = Number((await file.read(Buffer.alloc(8), 0, 8, 0)).buffer.readBigUInt64LE(0));
    if (length > Math.min(LARGEST_HEADER_BYTES, size)) return [];
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 8);
    const header = JSON.parse(buffer.toString('utf8')) as Record<string, Tensor>;
    return Object.entries(header).filter(([name]) => name !== '__metadata__');
  } finally {
    await file.close();
  }
}
