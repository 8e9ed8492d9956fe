import { open } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { BoundedReader } from './bounded-reader.ts';
import { TENSOR_TYPES } from './gguf-tensor-types.ts';

/** Limits against hostile headers, each far above the largest known real value. */
const LIMITS = {
  /** Llama-3 with merges: 8 MB; Gemma-3: 7 MB. */
  headerBytes: 256 * 2 ** 20,
  /** Largest seen: 1,100 tensors (405 B). */
  tensors: 65_536,
  /** Largest seen: 60. */
  entries: 4096,
  /** Llama-3: 280,147 merges. */
  arrayLength: 4_000_000,
  /** A chat template of 20 KB is large; merges and templates stay below a megabyte. */
  stringBytes: 16 * 2 ** 20,
  keyBytes: 256,
  /** ggml's names have 64 bytes with the terminating zero (GGML_MAX_NAME). */
  tensorNameBytes: 63,
  /** GGML_MAX_DIMS. */
  dimensions: 4,
  /** Values of one dimension; the largest vocabulary is 262,144. */
  length: 2 ** 40,
  /** Longest array of numbers that is kept: one number per layer (405 B has 126). */
  keptNumbers: 1024,
} as const;

/**
 * Ranges of metadata that llama.cpp does not check. Outside them it aborts its process or allocates more memory than there
 * is.
 */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  /** LLAMA_MAX_LAYERS; 405 B has 126. */
  block_count: [1, 512],
  /** Llama-4-Scout: 10 M. */
  context_length: [1, 2 ** 28],
  /** 405 B: 16,384. */
  embedding_length: [1, 2 ** 20],
  /** 405 B: 128. */
  'attention.head_count': [1, 2 ** 16],
  'attention.head_count_kv': [1, 2 ** 16],
  /** LLAMA_MAX_EXPERTS; 0: none. */
  expert_count: [0, 512],
};

/** Key of the tokens' texts. */
export const VOCABULARY = 'tokenizer.ggml.tokens';

/** GGUF's value types by id (specification of v3). */
const TEXT = 8;
const ARRAY = 9;
const SCALARS: Readonly<Record<number, { bytes: number; read: (from: Buffer) => number | bigint | boolean }>> = {
  0: { bytes: 1, read: (from) => from.readUInt8() },
  1: { bytes: 1, read: (from) => from.readInt8() },
  2: { bytes: 2, read: (from) => from.readUInt16LE() },
  3: { bytes: 2, read: (from) => from.readInt16LE() },
  4: { bytes: 4, read: (from) => from.readUInt32LE() },
  5: { bytes: 4, read: (from) => from.readInt32LE() },
  6: { bytes: 4, read: (from) => from.readFloatLE() },
  7: { bytes: 1, read: (from) => from.readUInt8() !== 0 },
  10: { bytes: 8, read: (from) => from.readBigUInt64LE() },
  11: { bytes: 8, read: (from) => from.readBigInt64LE() },
  12: { bytes: 8, read: (from) => from.readDoubleLE() },
};

/** Of an array only the length is kept, and the values of a short array of numbers. */
export interface MetadataArray {
  readonly arrayLength: number;
  readonly numbers?: readonly number[];
  /** Texts of the vocabulary byte by byte (latin1), only if they were asked for. */
  readonly texts?: readonly string[];
}

export type MetadataValue = string | number | bigint | boolean | MetadataArray;

export interface GgufTensor {
  readonly name: string;
  /** Shortest stride first. */
  readonly shape: readonly number[];
  readonly type: number;
  /** Bytes from the start of the data section. */
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly GgufTensor[];
  /** Where the data section begins in the file. */
  readonly dataOffset: number;
  readonly fileBytes: number;
}

/**
 * Reads and checks the header of a GGUF file, so that llama.cpp never opens a file that could abort its process. Reads
 * only the header.
 *
 * @param part - Where the GGUF file lies inside another file; left out: `path` is the GGUF file.
 * @param keepTokens - True: the texts of the vocabulary are kept, some megabytes.
 * @throws CogumiError GGUF_INVALID with the file, the byte and the problem.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGgufHeader(
  path: string,
  part?: { readonly offset: number; readonly size: number },
  keepTokens = false,
): Promise<GgufHeader> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new CogumiError('GGUF_INVALID', `${path} cannot be opened.`, 'Check the path of the GGUF file.', { cause });
  });
  try {
    const stat = await handle.stat();
    const reader = new BoundedReader(handle.fd, path, part?.size ?? stat.size, LIMITS.headerBytes, part?.offset);
    if (!stat.isFile()) throw reader.fail('it is not a file');
    return parse(reader, keepTokens);
  } finally {
    await handle.close();
  }
}

function parse(reader: BoundedReader, keepTokens: boolean): GgufHeader {
  if (reader.bytes(4).toString('latin1') !== 'GGUF') throw reader.fail('the magic "GGUF" is missing');
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw reader.fail(`version ${version} is neither 2 nor 3`);
  const tensorCount = reader.count('tensors', LIMITS.tensors);
  const entryCount = reader.count('entries', LIMITS.entries);

  const metadata = new Map<string, MetadataValue>();
  for (let entry = 0; entry < entryCount; entry++) {
    const key = reader.text('bytes of a key', LIMITS.keyBytes);
    if (metadata.has(key)) throw reader.fail(`the key ${JSON.stringify(key)} appears twice`);
    metadata.set(key, readValue(reader, reader.u32(), key, keepTokens));
  }
  checkCounts(reader, metadata);

  const tensors: Omit<GgufTensor, 'bytes'>[] = [];
  for (let number = 0; number < tensorCount; number++) tensors.push(readTensor(reader));
  return { version, metadata, ...placeTensors(reader, metadata, tensors), fileBytes: reader.fileBytes };
}

function readValue(reader: BoundedReader, type: number, key: string, keepTokens: boolean): MetadataValue {
  if (type === TEXT) return reader.text('bytes of text', LIMITS.stringBytes);
  if (type === ARRAY) return readArray(reader, key, keepTokens);
  const scalar = SCALARS[type];
  if (!scalar) throw reader.fail(`a value of type ${type} is unknown`);
  return scalar.read(reader.bytes(scalar.bytes));
}

function readArray(reader: BoundedReader, key: string, keepTokens: boolean): MetadataArray {
  const type = reader.u32();
  const arrayLength = reader.count('array values', LIMITS.arrayLength);
  const scalar = SCALARS[type];
  if (scalar && arrayLength <= LIMITS.keptNumbers) {
    const numbers = Array.from({ length: arrayLength }, () => Number(scalar.read(reader.bytes(scalar.bytes))));
    return { arrayLength, numbers };
  }
  if (scalar) reader.skip(scalar.bytes * arrayLength);
  else if (type === TEXT && key === VOCABULARY) {
    const texts = readUniqueTexts(reader, arrayLength);
    if (keepTokens) return { arrayLength, texts };
  } else if (type === TEXT) {
    for (let at = 0; at < arrayLength; at++) reader.skip(reader.count('bytes of text', LIMITS.stringBytes));
  } else throw reader.fail(`an array of type ${type} is unknown`);
  return { arrayLength };
}

/** llama.cpp aborts if two tokens of a vocabulary have the same text. It renames empty ones itself, so they may repeat. */
function readUniqueTexts(reader: BoundedReader, count: number): string[] {
  const texts: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < count; at++) {
    const whole = reader.string(reader.count('bytes of text', LIMITS.stringBytes), 'latin1');
    // llama.cpp reads C strings, which end at a zero.
    const end = whole.indexOf('\0');
    const text = end === -1 ? whole : whole.slice(0, end);
    if (text !== '' && seen.has(text)) throw reader.fail(`token ${at} has the text of an earlier one`);
    seen.add(text);
    texts.push(text);
  }
  return texts;
}

function readTensor(reader: BoundedReader): Omit<GgufTensor, 'bytes'> {
  const name = reader.text('bytes of a tensor name', LIMITS.tensorNameBytes);
  const dimensions = reader.u32();
  if (dimensions < 1 || dimensions > LIMITS.dimensions) {
    throw reader.fail(
      `tensor ${JSON.stringify(name)} has ${dimensions} dimensions; the range is 1 to ${LIMITS.dimensions}`,
    );
  }
  const shape = Array.from({ length: dimensions }, () => reader.count('values in a dimension', LIMITS.length, 1));
  return { name, shape, type: reader.u32(), offset: reader.count('bytes of offset', Number.MAX_SAFE_INTEGER) };
}

/** Checks that tensors lie in order, each at the next multiple of the alignment. llama.cpp refuses any other layout. */
function placeTensors(
  reader: BoundedReader,
  metadata: ReadonlyMap<string, MetadataValue>,
  tensors: readonly Omit<GgufTensor, 'bytes'>[],
): Pick<GgufHeader, 'tensors' | 'dataOffset'> {
  const alignment = Number(metadata.get('general.alignment') ?? 32);
  if (!Number.isInteger(Math.log2(alignment)) || alignment < 8 || alignment > 65_536) {
    throw reader.fail(`an alignment of ${alignment} bytes is not possible`);
  }
  const start = Math.ceil(reader.position / alignment) * alignment;
  const names = new Set<string>();
  let expected = 0;
  const placed = tensors.map((tensor) => {
    const name = JSON.stringify(tensor.name);
    if (names.has(tensor.name)) throw reader.fail(`tensor ${name} appears twice`);
    names.add(tensor.name);
    const block = TENSOR_TYPES[tensor.type];
    if (!block) {
      const hint =
        'It may be of a newer llama.cpp: take the file in another type, such as Q8_0 or F16, or download it again.';
      throw reader.fail(`tensor ${name} has the unknown type ${tensor.type}`, hint);
    }
    const row = tensor.shape[0] as number;
    if (row % block[0] !== 0) {
      throw reader.fail(`tensor ${name} has rows of ${row} values, not a multiple of its block size ${block[0]}`);
    }
    const bytes = (tensor.shape.reduce((product, length) => product * length, 1) / block[0]) * block[1];
    if (tensor.offset !== expected) {
      throw reader.fail(`tensor ${name} begins at byte ${tensor.offset} of the data instead of ${expected}`);
    }
    const end = start + tensor.offset + bytes;
    if (end > reader.fileBytes) {
      throw reader.fail(`tensor ${name} ends at byte ${end} of a file of ${reader.fileBytes}: it is truncated`);
    }
    expected = Math.ceil((expected + bytes) / alignment) * alignment;
    return { ...tensor, bytes };
  });
  return { tensors: placed, dataOffset: start };
}

function checkCounts(reader: BoundedReader, metadata: ReadonlyMap<string, MetadataValue>): void {
  // A later file of a model has only tensors; what describes the model is in the first.
  if (Number(metadata.get('split.no') ?? 0) > 0) return;
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string') throw reader.fail('general.architecture is missing');
  for (const [name, [min, max]] of Object.entries(RANGES)) {
    const value = metadata.get(`${architecture}.${name}`);
    // One number per layer: some layers may have no attention and 0 heads, but not all of them.
    const count = typeof value === 'object' ? Math.max(...(value.numbers ?? [min])) : value;
    if (typeof count === 'number' && !(count >= min && count <= max)) {
      throw reader.fail(`${architecture}.${name} is ${count}; the range is ${min} to ${max}`);
    }
  }
}
