import { CogumiError, EXIT } from '@cogumi/contracts';
import type { ByteSource } from '@cogumi/data/formats';
import { checkArchitecture } from '../../../artifacts/check-architecture.ts';
import { countValues, readTensorHeaders, type TensorHeader } from '../../../artifacts/safetensors-header.ts';

/** Says in which file of a sharded model each tensor is. */
const INDEX = 'model.safetensors.index.json';

/** All weights in one file; where it is there, it counts, and not an index (as in transformers). */
const SINGLE = 'model.safetensors';

/** Tensor types that a model can be trained in. */
const FULL_PRECISION = new Set(['F64', 'F32', 'F16', 'BF16']);

/** What belongs to a model beside its weights: config, tokenizer, chat template, licence. */
const BESIDE = /\.(json|model|tiktoken|jinja|txt)$/;

/** Formats that run code when they are loaded, or are those of other libraries. */
const PICKLES = /\.(bin|pt|pth|ckpt|pkl|pickle)$/;
const FOREIGN = /\.(gguf|h5|msgpack|onnx|npz)$/;

/** Headers read side by side: each takes two round trips on the hub (chosen). */
const AT_ONCE = 8;

/** Files that are read as a whole; a tokenizer of 256 thousand tokens has 35 MB (chosen). */
const LARGEST_TEXT_BYTES = 2 ** 28;

/** A model wherever it is: in a folder, or on the hub. */
export interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** Names at the top level. */
  readonly files: readonly string[];
  open(file: string): Promise<ByteSource>;
}

export interface CheckedModel {
  /** Those that belong to the model, sorted. */
  readonly files: readonly string[];
  readonly parameters: number;
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly TensorHeader[];
}

/**
 * Checks a model in Hugging Face form without loading weights: the config, each safetensors file against its header and the index,
 * the tokenizer, and that the weights are in full precision.
 *
 * @param options.tokenizer - Whether the tokenizer is read; otherwise its file has to exist.
 * @throws CogumiError MODEL_NOT_FOUND, MODEL_PICKLE, MODEL_CORRUPT (both byte counts), QUANTIZED_BASE, TOKENIZER_MISMATCH, ARCHITECTURE_UNKNOWN,
 * ARCHITECTURE_SETTING.
 */
export async function checkModel(model: ModelFiles, { tokenizer = true } = {}): Promise<CheckedModel> {
  const { name, files } = model;
  if (!files.includes('config.json')) {
    const hint = 'Give a model in Hugging Face form: config.json, *.safetensors, tokenizer.json.';
    throw notFound(`${name} holds no config.json.`, hint);
  }
  const config = await readJson(model, 'config.json');
  if (config.quantization_config !== undefined) throw quantized(name, 'its config.json has a quantization_config');
  const architecture = checkArchitecture(name, config);

  const index = files.includes(INDEX) && !files.includes(SINGLE) ? await readIndex(model) : null;
  const weights = weightFiles(model, index);
  const shards = new Map<string, TensorHeader[]>();
  for (let at = 0; at < weights.length; at += AT_ONCE) {
    const some = weights.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((file) => checkWeights(model, file)));
    for (const [number, file] of some.entries()) shards.set(file, found[number] as TensorHeader[]);
  }
  if (index) checkShards(name, index, shards);
  const tensors = [...shards.values()].flat();
  await checkTokenizer(model, embeddingRows(tensors), tokenizer);
  return {
    files: [...files.filter((file) => BESIDE.test(file)), ...weights].sort(),
    parameters: tensors.reduce((sum, tensor) => sum + countValues(tensor), 0),
    architecture,
    config,
    tensors,
  };
}

/** Tensor to the file that holds it. */
type Index = ReadonlyMap<string, string>;

async function readIndex(model: ModelFiles): Promise<Index> {
  const { weight_map: map } = await readJson(model, INDEX);
  return new Map(Object.entries((map ?? {}) as Record<string, string>));
}

/** The files that hold the weights. @throws CogumiError MODEL_NOT_FOUND, MODEL_PICKLE. */
function weightFiles({ name, files }: ModelFiles, index: Index | null): string[] {
  if (index) {
    const wanted = [...new Set(index.values())].sort();
    const lost = wanted.filter((file) => !files.includes(file));
    if (lost.length === 0) return wanted;
    const message = `${name} lacks ${lost.length} of ${wanted.length} weight files: ${lost.slice(0, 3).join(', ')}.`;
    throw notFound(message, 'Fetch them: the model is not complete.');
  }
  const found = files.includes(SINGLE) ? [SINGLE] : files.filter((file) => file.endsWith('.safetensors')).sort();
  if (found.length > 0) return found;
  const pickles = files.filter((file) => PICKLES.test(file)).sort();
  if (pickles.length > 0) {
    throw new CogumiError(
      'MODEL_PICKLE',
      `${name} holds its weights only as pickle (${pickles.slice(0, 3).join(', ')}), which can run any code when it is loaded; it is never opened.`,
      'Take a revision or a copy of the model with *.safetensors files; many models of the hub have one in a pull request (`base.revision: refs/pr/1`).',
      { exitCode: EXIT.usage },
    );
  }
  const foreign = files.filter((file) => FOREIGN.test(file)).sort();
  throw notFound(
    `${name} holds no *.safetensors file${foreign.length > 0 ? `, only ${foreign.slice(0, 3).join(', ')}` : ''}.`,
    foreign.some((file) => file.endsWith('.gguf'))
      ? 'Set `base.path` to a GGUF file, and `base.from: dequantized`; or give the model it was made from.'
      : 'Convert the weights to safetensors first.',
  );
}

/** Every tensor has to be in the file that the index names. @throws CogumiError MODEL_CORRUPT. */
function checkShards(name: string, index: Index, shards: ReadonlyMap<string, readonly TensorHeader[]>): void {
  const files = new Map([...shards].map(([file, tensors]) => [file, new Set(tensors.map((tensor) => tensor.name))]));
  for (const [tensor, file] of index) {
    if (files.get(file)?.has(tensor)) continue;
    const found = [...files].find(([, names]) => names.has(tensor))?.[0] ?? 'no file';
    throw new CogumiError(
      'MODEL_CORRUPT',
      `${INDEX} of ${name} puts ${tensor.slice(0, 80)} into ${file}; it is in ${found}.`,
      'The files were renamed or belong to another model: fetch the model again.',
    );
  }
}

/** @throws CogumiError MODEL_CORRUPT, QUANTIZED_BASE. */
async function checkWeights(model: ModelFiles, file: string): Promise<TensorHeader[]> {
  const source = await model.open(file);
  try {
    const tensors = await readTensorHeaders(source);
    const packed = tensors.find(({ dtype }) => !FULL_PRECISION.has(dtype));
    if (packed) throw quantized(source.name, `tensor ${packed.name.slice(0, 80)} is ${packed.dtype}`);
    return tensors;
  } finally {
    await source.close();
  }
}

/** Tokens that the embedding has a row for; null where no tensor tells. */
function embeddingRows(tensors: readonly TensorHeader[]): number | null {
  const found = tensors.find(({ name, shape }) => name.endsWith('embed_tokens.weight') && shape.length === 2);
  return found?.shape[0] ?? null;
}

/** @throws CogumiError MODEL_NOT_FOUND; TOKENIZER_MISMATCH for ids that the embedding has no row for. */
async function checkTokenizer(model: ModelFiles, rows: number | null, read: boolean): Promise<void> {
  const { name, files } = model;
  if (files.includes('tokenizer.json')) {
    if (!read) return;
    const [token, id] = largestId(await readJson(model, 'tokenizer.json')) ?? ['', -1];
    if (rows === null || id < rows) return;
    throw new CogumiError(
      'TOKENIZER_MISMATCH',
      `The tokenizer of ${name} has the token ${JSON.stringify(token.slice(0, 80))} with the id ${id}; the embedding has ${rows} rows, for ids up to ${rows - 1}.`,
      'They belong to different models: give tokenizer and weights of one model. Tokens that were added need an embedding of their size.',
      { exitCode: EXIT.usage },
    );
  } else if (!files.some((file) => /^tokenizer\.model$|\.tiktoken$|^vocab\.json$/.test(file))) {
    const message = `${name} holds no tokenizer: none of tokenizer.json, tokenizer.model and vocab.json.`;
    throw notFound(message, 'Fetch the whole model.');
  }
}

/**
 * The token of tokenizer.json with the largest id; null for a form of the file that does not list them. Added control tokens are left
 * out: the text models of Gemma 3 name an image token that only the larger sizes have a row for. The engine refuses one that a chat
 * would hold.
 */
function largestId(tokenizer: Readonly<Record<string, unknown>>): [token: string, id: number] | null {
  const { vocab } = (tokenizer.model ?? {}) as { vocab?: unknown };
  const added = (Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : []).filter(
    (entry) => entry?.special !== true,
  );
  // BPE and WordPiece map tokens to ids; Unigram lists them in the order of their ids.
  const listed: [unknown, unknown][] = Array.isArray(vocab)
    ? vocab.map((entry, id) => [Array.isArray(entry) ? entry[0] : entry, id])
    : Object.entries((vocab ?? {}) as Record<string, unknown>);
  let largest: [string, number] | null = null;
  for (const [token, id] of [...listed, ...added.map((entry) => [entry?.content, entry?.id] as const)]) {
    if (typeof id === 'number' && id > (largest?.[1] ?? -1)) largest = [String(token), id];
  }
  return largest;
}

async function readJson(model: ModelFiles, file: string): Promise<Record<string, unknown>> {
  const source = await model.open(file);
  const corrupt = (what: string, cause?: unknown) =>
    new CogumiError('MODEL_CORRUPT', `${source.name} ${what}.`, 'Fetch the model again.', { cause });
  try {
    if (source.byteLength > LARGEST_TEXT_BYTES) {
      throw corrupt(`has ${source.byteLength} bytes; at most ${LARGEST_TEXT_BYTES} are read`);
    }
    const text = (await source.slice(0, source.byteLength)).toString('utf8');
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw corrupt('is not JSON', cause);
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw corrupt('is no JSON object');
    return value as Record<string, unknown>;
  } finally {
    await source.close();
  }
}

function notFound(message: string, hint: string): CogumiError {
  return new CogumiError('MODEL_NOT_FOUND', message, hint, { exitCode: EXIT.usage });
}

function quantized(where: string, what: string): CogumiError {
  return new CogumiError(
    'QUANTIZED_BASE',
    `${where} is quantized: ${what}.`,
    'Train on the full-precision weights; a quantized base loses what the adapter learns when it is merged.',
    { exitCode: EXIT.usage },
  );
}
