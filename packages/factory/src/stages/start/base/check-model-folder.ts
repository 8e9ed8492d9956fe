import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** The limit of the safetensors library. A header takes about 100 bytes a tensor. */
const LARGEST_HEADER_BYTES = 100_000_000;

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
  let parameters = 0;
  for (const file of weights) parameters += await checkSafetensors(join(folder, file));
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

/** @returns The number of values in the file. @throws CogumiError when header and file size disagree. */
async function checkSafetensors(path: string): Promise<number> {
  const corrupt = (what: string) => new CogumiError('MODEL_CORRUPT', `${path} ${what}.`, 'Fetch the file again.');
  const { size } = await stat(path);
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const headerBytes = Number(buffer.readBigUInt64LE(0));
    if (size < 8 || headerBytes > Math.min(LARGEST_HEADER_BYTES, size - 8)) {
      throw corrupt(`promises a header of ${headerBytes} bytes in a file of ${size}`);
    }
    const text = (await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 8)).buffer.toString('utf8');
    let header: Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }>;
    try {
      header = JSON.parse(text) as typeof header;
    } catch {
      throw corrupt('has a header that is not JSON');
    }
    let end = 0;
    let values = 0;
    for (const [name, tensor] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const offsets = tensor.data_offsets as [number, number] | undefined;
      const shape = tensor.shape as number[] | undefined;
      if (!Array.isArray(offsets) || !Array.isArray(shape))
        throw corrupt(`describes tensor ${name.slice(0, 80)} without shape or offsets`);
      if (!FULL_PRECISION.has(String(tensor.dtype)))
        throw quantized(path, `tensor ${name.slice(0, 80)} is ${String(tensor.dtype)}`);
      end = Math.max(end, offsets[1]);
      values += shape.reduce((product, length) => product * length, 1);
    }
    if (8 + headerBytes + end !== size) {
      throw corrupt(`has ${size} bytes; its header promises ${8 + headerBytes + end}`);
    }
    return values;
  } finally {
    await handle.close();
  }
}

function quantized(where: string, what: string): CogumiError {
  return new CogumiError(
    'QUANTIZED_BASE',
    `${where} is quantized: ${what}.`,
    'Train on the full-precision weights; a quantized base loses what the adapter learns when it is merged.',
    { exitCode: EXIT.usage },
  );
}
