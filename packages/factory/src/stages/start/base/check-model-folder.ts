import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { countValues, readSafetensorsHeader, type TensorHeader } from '../../../artifacts/safetensors-header.ts';

/** Says in which file of a sharded model each tensor is. */
const INDEX = 'model.safetensors.index.json';

/** Tensor types that a model can be trained in. */
const FULL_PRECISION = new Set(['F64', 'F32', 'F16', 'BF16']);

export interface ModelFolder {
  readonly files: readonly string[];
  readonly parameters: number;
  readonly architecture: string;
}

/**
 * Checks a Hugging Face model folder without loading weights: the config, each safetensors file against its header, the tokenizer,
 * and that the weights are in full precision.
 *
 * @throws CogumiError MODEL_NOT_FOUND, MODEL_CORRUPT (both byte counts), QUANTIZED_BASE.
 */
export async function checkModelFolder(folder: string): Promise<ModelFolder> {
  if (folder.endsWith('.gguf')) {
    throw new CogumiError(
      'QUANTIZED_BASE',
      `${folder} is a GGUF file, and \`base.from\` is full-precision.`,
      'Give the folder with the full-precision weights. Or set `base.from: dequantized` to train on what the file holds.',
      { exitCode: EXIT.usage },
    );
  }
  const files = await readdir(folder).catch(() => null);
  if (!files?.includes('config.json')) {
    throw new CogumiError(
      'MODEL_NOT_FOUND',
      files === null ? `${folder} is not a folder.` : `${folder} holds no config.json.`,
      'Give a folder in Hugging Face form: config.json, *.safetensors, tokenizer.json.',
      { exitCode: EXIT.usage },
    );
  }
  const config = await readConfig(join(folder, 'config.json'));
  if (config.quantization_config !== undefined) throw quantized(folder, 'its config.json has a quantization_config');

  const weights = files.filter((file) => file.endsWith('.safetensors')).sort();
  if (weights.length === 0) {
    throw new CogumiError('MODEL_NOT_FOUND', `${folder} holds no *.safetensors file.`, 'Convert the weights first.', {
      exitCode: EXIT.usage,
    });
  }
  const shards = new Map<string, TensorHeader[]>();
  for (const file of weights) shards.set(file, await checkSafetensors(join(folder, file)));
  if (files.includes(INDEX)) await checkShards(folder, shards);
  const parameters = [...shards.values()].flat().reduce((sum, tensor) => sum + countValues(tensor), 0);
  await checkTokenizer(folder, files);
  return {
    files: files.filter((file) => /\.(json|safetensors|model|tiktoken|jinja|txt)$/.test(file)).sort(),
    parameters,
    architecture: String((config.architectures as unknown[] | undefined)?.[0] ?? config.model_type ?? 'unknown'),
  };
}

async function checkTokenizer(folder: string, files: readonly string[]): Promise<void> {
  if (files.includes('tokenizer.json')) await readConfig(join(folder, 'tokenizer.json'));
  else if (!files.some((file) => /^tokenizer\.model$|\.tiktoken$|^vocab\.json$/.test(file))) {
    throw new CogumiError(
      'MODEL_NOT_FOUND',
      `${folder} holds no tokenizer: none of tokenizer.json, tokenizer.model and vocab.json.`,
      'Fetch the whole model folder.',
      { exitCode: EXIT.usage },
    );
  }
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new CogumiError('MODEL_CORRUPT', `${path} is not JSON.`, 'Fetch the model again.', { cause });
  }
}

/** Every tensor has to be in the file that the index names. @throws CogumiError MODEL_NOT_FOUND, MODEL_CORRUPT. */
async function checkShards(folder: string, shards: ReadonlyMap<string, readonly TensorHeader[]>): Promise<void> {
  const index = await readConfig(join(folder, INDEX));
  const files = new Map([...shards].map(([file, tensors]) => [file, new Set(tensors.map(({ name }) => name))]));
  const places = Object.entries((index.weight_map ?? {}) as Record<string, string>);
  const wanted = new Set(places.map(([, file]) => file));
  const lost = [...wanted].filter((file) => !files.has(file)).sort();
  if (lost.length > 0) {
    throw new CogumiError(
      'MODEL_NOT_FOUND',
      `${folder} lacks ${lost.length} of ${wanted.size} weight files: ${lost.slice(0, 3).join(', ')}.`,
      'Fetch them: the folder is not complete.',
      { exitCode: EXIT.usage },
    );
  }
  for (const [name, file] of places) {
    if (files.get(file)?.has(name)) continue;
    const found = [...files].find(([, names]) => names.has(name))?.[0] ?? 'no file';
    throw new CogumiError(
      'MODEL_CORRUPT',
      `${INDEX} of ${folder} puts ${name.slice(0, 80)} into ${file}; it is in ${found}.`,
      'The files were renamed or belong to another model: fetch the model again.',
    );
  }
}

/** @throws CogumiError MODEL_CORRUPT, QUANTIZED_BASE. */
async function checkSafetensors(path: string): Promise<TensorHeader[]> {
  const tensors = await readSafetensorsHeader(path);
  const packed = tensors.find(({ dtype }) => !FULL_PRECISION.has(dtype));
  if (packed) throw quantized(path, `tensor ${packed.name.slice(0, 80)} is ${packed.dtype}`);
  return tensors;
}

function quantized(where: string, what: string): CogumiError {
  return new CogumiError(
    'QUANTIZED_BASE',
    `${where} is quantized: ${what}.`,
    'Train on the full-precision weights; a quantized base loses what the adapter learns when it is merged.',
    { exitCode: EXIT.usage },
  );
}
