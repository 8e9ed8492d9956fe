import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { llamaRelease } from '@cogumi/llama';
import { tensorValues } from '../../../artifacts/read-safetensors.ts';
import { safetensorsBytes } from '../../../artifacts/safetensors-bytes.ts';
import { readSafetensorsHeader } from '../../../artifacts/safetensors-header.ts';

/** What the base measured of a prompt. */
export interface Reading {
  /** Mean of the hidden states behind a layer, shape [hidden]. */
  readonly features: Float32Array;
  /** null where a layer is read. */
  readonly perplexity: number | null;
}

/** Bytes of a prompt's name: enough that no two of them share one. */
const KEY_BYTES = 16;

/**
 * What a base measured of prompts, by their tokens. It depends on nothing else, so a router that is learned again on the same base need
 * not read a prompt twice. Prompts that were read by another base or another release of llama.cpp are not found.
 */
export class Readings {
  readonly #base: string;
  readonly #layer: number | null;
  readonly #release = llamaRelease();
  readonly #known = new Map<string, Reading>();
  /** Prompts that were added by `set`. */
  added = 0;

  /** @param base - Digest of the base's file. @param layer - That is read; null: the last hidden state. */
  constructor(base: string, layer: number | null) {
    this.#base = base;
    this.#layer = layer;
  }

  /** The layer of a file that `write` wrote; null: the last hidden state. @throws as `addFrom`. */
  static async layerOf(path: string): Promise<number | null> {
    const stored = (await readSafetensorsHeader(path)).find(({ name }) => name === 'layer');
    return stored ? (tensorValues(await readFile(path), stored, 'F64', Float64Array)[0] as number) : null;
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
      tensorValues(file, tensors.get('keys'), 'U8', Uint8Array),
      this.#layer === null ? tensorValues(file, tensors.get('perplexity'), 'F64', Float64Array) : null,
      tensorValues(file, tensors.get('mean'), 'F32', Float32Array),
    ];
    const count = keys.length / KEY_BYTES;
    const hidden = means.length / count;
    for (let at = 0; at < count; at++) {
      const key = Buffer.from(keys.subarray(at * KEY_BYTES, (at + 1) * KEY_BYTES)).toString('hex');
      const features = means.slice(at * hidden, (at + 1) * hidden);
      this.#known.set(key, { features, perplexity: perplexities?.[at] ?? null });
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
    const means = new Float32Array(count * hidden);
    for (const [at, [, { features }]] of all.entries()) means.set(features, at * hidden);
    const layer = this.#layer;
    const measured =
      layer === null
        ? {
            name: 'perplexity',
            shape: [count],
            values: Float64Array.from(all, ([, { perplexity }]) => perplexity ?? 1),
          }
        : { name: 'layer', shape: [1], values: Float64Array.of(layer) };
    const keys = Buffer.concat(all.map(([key]) => Buffer.from(key, 'hex')));
    const bytes = safetensorsBytes([
      { dtype: 'F64', ...measured },
      { name: 'mean', dtype: 'F32', shape: [count, hidden], values: means },
      { name: 'keys', dtype: 'U8', shape: [count, KEY_BYTES], values: keys },
    ]);
    await writeFile(path, bytes);
  }

  #keyOf(tokens: readonly number[]): string {
    const read = this.#layer === null ? '' : `layer ${this.#layer} `;
    const hash = createHash('sha256').update(`${this.#release} ${this.#base} ${read}`).update(Int32Array.from(tokens));
    return hash.digest('hex').slice(0, 2 * KEY_BYTES);
  }
}
