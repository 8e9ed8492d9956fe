import { open } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';

/** Limits against hostile headers, each far above the largest real value known. */
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
  dimensions: 4,
} as const;

/** Bytes of GGUF's scalar value types by id; 8 is a string, 9 an array (spec of GGUF v3). */
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** ggml tensor types: values a block and bytes a block (ggml-common.h). */
const BLOCKS: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
};

export type MetadataValue = string | number | bigint | boolean | { readonly arrayLength: number };

export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly version: number;
  /** Arrays are told by length only. */
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly GgufTensor[];
}

/**
 * Reads and checks the header of a GGUF file, so that llama.cpp never sees one that could end its process.
 *
 * @throws CogumiError GGUF_INVALID with file, place and what is wrong. Never reads more than the header.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new CogumiError('GGUF_INVALID', `${path} cannot be opened.`, 'Give the path of a GGUF file.', { cause });
  });
  try {
    const { size } = await handle.stat();
    const reader = new HeaderReader(path, size, (from, length) => readAt(handle, from, length));
    return await parse(reader);
  } finally {
    await handle.close();
  }
}

async function readAt(handle: Awaited<ReturnType<typeof open>>, from: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}

async function parse(reader: HeaderReader): Promise<GgufHeader> {
  if ((await reader.bytes(4)).toString('latin1') !== 'GGUF') throw reader.fail('the magic "GGUF" is missing');
  const version = await reader.u32();
  if (version !== 2 && version !== 3) throw reader.fail(`version ${version} is neither 2 nor 3`);
  const tensorCount = await reader.count('tensors', LIMITS.tensors);
  const entryCount = await reader.count('entries', LIMITS.entries);

  const metadata = new Map<string, MetadataValue>();
  for (let entry = 0; entry < entryCount; entry++) {
    const key = await reader.text(LIMITS.keyBytes);
    if (metadata.has(key)) throw reader.fail(`the key ${key} stands twice`);
    metadata.set(key, await readValue(reader, await reader.u32()));
  }

  const raw: Omit<GgufTensor, 'bytes'>[] = [];
  for (let number = 0; number < tensorCount; number++) {
    const name = await reader.text(LIMITS.keyBytes);
    const dimensions = await reader.u32();
    if (dimensions < 1 || dimensions > LIMITS.dimensions)
      throw reader.fail(`tensor ${name} has ${dimensions} dimensions`);
    const shape: number[] = [];
    for (let dimension = 0; dimension < dimensions; dimension++) shape.push(await reader.count('values', 2 ** 40, 1));
    raw.push({ name, shape, type: await reader.u32(), offset: await reader.count('offset', Number.MAX_SAFE_INTEGER) });
  }
  const tensors = placeTensors(reader, metadata, raw);
  checkHeads(reader, metadata);
  return { version, metadata, tensors };
}

async function readValue(reader: HeaderReader, type: number): Promise<MetadataValue> {
  if (type === 8) return reader.text(LIMITS.stringBytes);
  if (type === 9) {
    const inner = await reader.u32();
    const arrayLength = await reader.count('array values', LIMITS.arrayLength);
    const width = SCALAR_BYTES[inner];
    if (width !== undefined) await reader.skip(width * arrayLength);
    else if (inner === 8)
      for (let at = 0; at < arrayLength; at++) await reader.skip(await reader.count('text bytes', LIMITS.stringBytes));
    else throw reader.fail(`an array of type ${inner} is unknown`);
    return { arrayLength };
  }
  const width = SCALAR_BYTES[type];
  if (width === undefined) throw reader.fail(`a value of type ${type} is unknown`);
  const bytes = await reader.bytes(width);
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return bytes.readBigUInt64LE();
    case 11:
      return bytes.readBigInt64LE();
    default:
      return bytes.readDoubleLE();
  }
}

function placeTensors(
  reader: HeaderReader,
  metadata: ReadonlyMap<string, MetadataValue>,
  raw: readonly Omit<GgufTensor, 'bytes'>[],
): GgufTensor[] {
  const alignment = Number(metadata.get('general.alignment') ?? 32);
  if (!Number.isInteger(alignment) || alignment < 8 || alignment > 65_536 || alignment % 8 !== 0) {
    throw reader.fail(`an alignment of ${alignment} bytes is not possible`);
  }
  const start = Math.ceil(reader.position / alignment) * alignment;
  const names = new Set<string>();
  return raw.map((tensor) => {
    if (names.has(tensor.name)) throw reader.fail(`tensor ${tensor.name} stands twice`);
    names.add(tensor.name);
    const block = BLOCKS[tensor.type];
    if (!block) throw reader.fail(`tensor ${tensor.name} has the unknown type ${tensor.type}`);
    const row = tensor.shape[0] as number;
    if (row % block[0] !== 0)
      throw reader.fail(`rows of ${row} values of tensor ${tensor.name} are no whole blocks of ${block[0]}`);
    const bytes = (tensor.shape.reduce((product, length) => product * length, 1) / block[0]) * block[1];
    if (tensor.offset % alignment !== 0 || start + tensor.offset + bytes > reader.size) {
      throw reader.fail(
        `tensor ${tensor.name} ends at byte ${start + tensor.offset + bytes} of a file of ${reader.size}: it is cut short`,
      );
    }
    return { ...tensor, bytes };
  });
}

/** Zero heads pass llama.cpp's own checks and then abort the process. */
function checkHeads(reader: HeaderReader, metadata: ReadonlyMap<string, MetadataValue>): void {
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string') throw reader.fail('general.architecture is missing');
  for (const name of ['attention.head_count', 'attention.head_count_kv', 'block_count', 'embedding_length']) {
    const value = metadata.get(`${architecture}.${name}`);
    if (typeof value === 'number' && value < 1) throw reader.fail(`${architecture}.${name} is ${value}`);
  }
}

/** Forward-only, bounded reading in large blocks. */
class HeaderReader {
  readonly size: number;
  readonly #path: string;
  readonly #read: (from: number, length: number) => Promise<Buffer>;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;
  position = 0;

  constructor(path: string, size: number, read: (from: number, length: number) => Promise<Buffer>) {
    this.#path = path;
    this.size = size;
    this.#read = read;
  }

  fail(what: string): CogumiError {
    return new CogumiError(
      'GGUF_INVALID',
      `${this.#path} is not a usable GGUF file: ${what} (byte ${this.position}).`,
      'Fetch or make the file again.',
    );
  }

  async bytes(length: number): Promise<Buffer> {
    if (this.position + length > this.size)
      throw this.fail(`it ends after ${this.size} bytes, in the middle of its header`);
    if (this.position + length > LIMITS.headerBytes)
      throw this.fail(`its header is longer than ${LIMITS.headerBytes} bytes`);
    if (this.position + length > this.#blockAt + this.#block.length) {
      this.#block = await this.#read(this.position, Math.max(length, 1 << 18));
      this.#blockAt = this.position;
    }
    const from = this.position - this.#blockAt;
    this.position += length;
    return this.#block.subarray(from, from + length);
  }

  async skip(length: number): Promise<void> {
    if (this.position + length > this.size)
      throw this.fail(`it ends after ${this.size} bytes, in the middle of its header`);
    if (this.position + length > LIMITS.headerBytes)
      throw this.fail(`its header is longer than ${LIMITS.headerBytes} bytes`);
    this.position += length;
    if (this.position > this.#blockAt + this.#block.length) {
      this.#block = Buffer.alloc(0);
      this.#blockAt = this.position;
    }
  }

  async u32(): Promise<number> {
    return (await this.bytes(4)).readUInt32LE();
  }

  /** A 64-bit number that has to be small. */
  async count(what: string, most: number, least = 0): Promise<number> {
    const value = (await this.bytes(8)).readBigUInt64LE();
    if (value > BigInt(most) || value < BigInt(least))
      throw this.fail(`${value} ${what}; ${least} to ${most} are possible`);
    return Number(value);
  }

  async text(most: number): Promise<string> {
    return (await this.bytes(await this.count('text bytes', most))).toString('utf8');
  }
}
