import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countValues, readSafetensorsHeader, type TensorHeader } from './safetensors-header.ts';

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

/** End of the name of the embedding's tensor; what is before it names the decoder. */
const EMBEDDING = 'embed_tokens.weight';

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
    const tensors = (await Promise.all(files.map((file) => readSafetensorsHeader(join(folder, file))))).flat();
    return modelSizeOf(config, tensors);
  } catch {
    return null;
  }
}

/** Size of a model of this config and these tensors; null where they do not tell it. */
export function modelSizeOf(
  config: Readonly<Record<string, unknown>>,
  tensors: readonly TensorHeader[],
): ModelSize | null {
  const size = tensors.length === 0 ? null : sizeOf(config, tensors);
  return size && Object.values(size).every((value) => Number.isFinite(value)) ? size : null;
}

/**
 * Shapes come from the tensors where they tell: a config may leave out what its architecture has as a default. What they do not
 * tell is in the config's text part, where it has parts (`text_config` of a model that also sees images).
 */
function sizeOf(config: Readonly<Record<string, unknown>>, tensors: readonly TensorHeader[]): ModelSize {
  const number = (name: string, otherwise: number) => {
    const value = (config.text_config as Record<string, unknown> | undefined)?.[name] ?? config[name];
    return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : otherwise;
  };
  // The image part of a model has layers of the same names; those of the text are beside the embedding.
  const embedding = tensors.find(({ name, shape }) => name.endsWith(EMBEDDING) && shape.length === 2);
  const decoder = embedding?.name.slice(0, -EMBEDDING.length) ?? '';
  const matrices = tensors.filter(({ name, shape }) => name.startsWith(decoder) && shape.length === 2);
  const layerOf = ({ name }: TensorHeader) => /\.layers?\.(\d+)\./.exec(name)?.[1];
  const inLayers = matrices.filter((tensor) => layerOf(tensor) !== undefined);
  const keys = inLayers.find(({ name }) => name.endsWith('.k_proj.weight'));
  const parameters = tensors.reduce((sum, tensor) => sum + countValues(tensor), 0);
  const heads = number('num_attention_heads', 1);
  const hiddenSize = embedding?.shape[1] ?? number('hidden_size', 1);
  return {
    parameters,
    layers: new Set(inLayers.map(layerOf)).size || number('num_hidden_layers', 1),
    hiddenSize,
    vocabularySize: embedding?.shape[0] ?? number('vocab_size', 1),
    linearSpan: inLayers.reduce((sum, { shape }) => sum + shape[0]! + shape[1]!, 0),
    keyWidth: keys?.shape[0] ?? number('num_key_value_heads', heads) * number('head_dim', hiddenSize / heads),
    bits: tensors.reduce((sum, tensor) => sum + countValues(tensor) * bitsOf(tensor), 0) / parameters,
  };
}

function bitsOf({ dtype }: TensorHeader): number {
  return (Object.hasOwn(BITS, dtype) ? BITS[dtype] : undefined) ?? 16;
}
