import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { llamaRelease } from '@cogumi/llama';
import { readSafetensorsHeader, type TensorHeader } from '../../../artifacts/safetensors-header.ts';

/** What the base measured of a prompt. */
export interface Reading {
  /** Mean of its last hidden states, shape [hidden]. */
  readonly features: Float32Array;
  readonly perplexity: number;
}

/** Bytes of a prompt's name: enough that no two of them share one. */
const KEY_BYTES = 16;

/**
 * What a base measured of prompts, by their tokens. It depends on nothing else, so a router that is learned again on the same base need
 * not read a prompt twice. Prompts that were read by another base or another release of llama.cpp are not found.
 */
export class Readings {
  readonly #base: string;
  readonly #release = llamaRelease();
  readonly #known = new Map<string, Reading>();
  /** Prompts that were added by `set`. */
  added = 0;

  /** @param base - Digest of the base's file. */
  constructor(base: string) {
    this.#base = base;
  }

  get(tokens: readonly number[]): Reading | undefined {
    return this.#known.get(this.#keyOf(tokens));
  }

  set(tokens: readonly number[], reading: Reading): void {
    this.#known.set(this.#keyOf(tokens), reading);
    this.added++;
  }

  /** Adds those of a file that `write` wrote. @throws CogumiError MODEL_CORRUPT for a damaged file; RangeError for one of other tensors. */
  async addFrom(path: string): Promise<void> {
    const tensors = new Map((await readSafetensorsHeader(path)).map((tensor) => [tensor.name, tensor]));
    const file = await readFile(path);
    const [keys, perplexities, means] = [
      valuesOf(file, tensors.get('keys'), 'U8', Uint8Array),
      valuesOf(file, tensors.get('perplexity'), 'F64', Float64Array),
      valuesOf(file, tensors.get('mean'), 'F32', Float32Array),
    ];
    const hidden = means.length / perplexities.length;
    for (const [at, perplexity] of perplexities.entries()) {
      const key = Buffer.from(keys.subarray(at * KEY_BYTES, (at + 1) * KEY_BYTES)).toString('hex');
      this.#known.set(key, { features: means.slice(at * hidden, (at + 1) * hidden), perplexity });
    }
  }

  /** Size of the file of `write`. */
  get bytes(): number {
    const [first] = this.#known.values();
    return this.#known.size * (KEY_BYTES + 8 + 4 * (first?.features.length ?? 0));
  }

  /** Writes a safetensors file, sorted by key, so that equal readings give equal bytes. */
  async write(path: string): Promise<void> {
    const all = [...this.#known].sort(([one], [other]) => (one < other ? -1 : 1));
    const count = all.length;
    const hidden = all[0]?.[1].features.length ?? 0;
    const perplexities = Float64Array.from(all, ([, { perplexity }]) => perplexity);
    const tensors = [
      ['perplexity', 'F64', [count], Buffer.from(perplexities.buffer)],
      ['mean', 'F32', [count, hidden], Buffer.concat(all.map(([, { features }]) => bytesOf(features)))],
      ['keys', 'U8', [count, KEY_BYTES], Buffer.concat(all.map(([key]) => Buffer.from(key, 'hex')))],
    ] as const;
    let at = 0;
    const entries = tensors.map(([name, dtype, shape, bytes]) => {
      const from = at;
      at += bytes.length;
      return [name, { dtype, shape, data_offsets: [from, at] }] as const;
    });
    const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    // The format wants the values at a multiple of eight bytes.
    const padded = Buffer.concat([header, Buffer.alloc((8 - (header.length % 8)) % 8, ' ')]);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    await writeFile(path, Buffer.concat([length, padded, ...tensors.map(([, , , bytes]) => bytes)]));
  }

  #keyOf(tokens: readonly number[]): string {
    const hash = createHash('sha256').update(`${this.#release} ${this.#base} `).update(Int32Array.from(tokens));
    return hash.digest('hex').slice(0, 2 * KEY_BYTES);
  }
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The values of a tensor, copied, since a file may have them at any place. */
function valuesOf<Values>(
  file: Buffer,
  tensor: TensorHeader | undefined,
  dtype: string,
  type: { new (bytes: ArrayBuffer): Values; readonly BYTES_PER_ELEMENT: number },
): Values {
  if (tensor?.dtype !== dtype) throw new RangeError(`a tensor is ${tensor?.dtype ?? 'missing'}, not ${dtype}`);
  const count = tensor.shape.reduce((product, length) => product * length, 1);
  const bytes = new Uint8Array(file.subarray(tensor.start, tensor.start + count * type.BYTES_PER_ELEMENT));
  return new type(bytes.buffer as ArrayBuffer);
}
