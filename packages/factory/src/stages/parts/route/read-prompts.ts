import { CogumiError } from '@cogumi/contracts';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import { inTurn } from '../../in-turn.ts';
import { PROMPTS_A_PASS, readInTurn } from '../../prompt-readers.ts';
import type { Prompt } from './gather-prompts.ts';
import { type Reading, Readings } from './readings.ts';
import type { Example } from './train-network.ts';

/** A prompt that has been read, under every layer that was asked for. */
export interface ReadPrompt {
  readonly tokens: readonly number[];
  readonly label: number;
}

/**
 * Lets the served base read prompts, once for all layers, as serving does (`llama/src/scheduling/layer-means.ts`).
 *
 * @see Readings for what is kept.
 */
export class PromptReader {
  readonly #hosts: readonly ModelHost[];
  readonly #readings: ReadonlyMap<number | null, Readings>;

  /** @param layers - From 0, ascending; null: the last hidden state, where no other can be read. */
  constructor(hosts: readonly ModelHost[], base: string, layers: readonly number[] | null) {
    this.#hosts = hosts;
    this.#readings = new Map((layers ?? [null]).map((layer) => [layer, new Readings(base, layer)]));
  }

  get layers(): (number | null)[] {
    return [...this.#readings.keys()];
  }

  /** What is known of a layer. */
  readings(layer: number | null): Readings {
    return this.#readings.get(layer) as Readings;
  }

  async read(prompts: readonly Prompt[], onProgress: (done: number) => void): Promise<ReadPrompt[]> {
    const [first] = this.#hosts as [ModelHost];
    const read: ReadPrompt[] = [];
    for (let from = 0; from < prompts.length; from += PROMPTS_A_PASS) {
      const part = prompts.slice(from, from + PROMPTS_A_PASS);
      const tokens = await Promise.all(
        part.map(async ({ turns }) => (await chatTokens(first, turns)).slice(0, ROUTING_TOKENS)),
      );
      await this.#readUnknown(tokens.filter((ids) => this.#readings.values().some((readings) => !readings.get(ids))));
      for (const [at, { label }] of part.entries()) read.push({ tokens: tokens[at] as number[], label });
      onProgress(read.length);
    }
    return read;
  }

  /** What a layer made of prompts that have been read. */
  examples(layer: number | null, prompts: readonly ReadPrompt[]): Example[] {
    const readings = this.readings(layer);
    return prompts.map(({ tokens, label }) => ({ ...(readings.get(tokens) as Reading), label }));
  }

  async #readUnknown(prompts: readonly (readonly number[])[]): Promise<void> {
    const layers = this.layers.filter((layer) => layer !== null);
    if (layers.length === 0) {
      for (const [at, { mean, perplexity }] of (await readInTurn(this.#hosts, prompts)).entries()) {
        this.readings(null).set(prompts[at] as number[], { features: mean, perplexity });
      }
      return;
    }
    const means = await inTurn(this.#hosts, prompts, (host, part) => host.readLayers(part, layers));
    for (const [at, tokens] of prompts.entries()) {
      for (const [place, layer] of layers.entries()) {
        this.readings(layer).set(tokens, { features: means[at]?.[place] as Float32Array, perplexity: null });
      }
    }
  }
}

/**
 * Layers at shares of a model's depth, of those that a prompt can be read at: all but the last, which computes hidden states only for wanted
 * outputs. null: there are none, or llama.cpp does not name them in this architecture.
 *
 * @param depths - 0 to 1.
 */
export async function candidateLayers(host: ModelHost, depths: readonly number[]): Promise<number[] | null> {
  const { layers } = host.info;
  if (layers < 2) return null;
  const places = depths.map((depth) => Math.min(layers - 2, Math.max(0, Math.round(depth * layers) - 1)));
  const candidates = [...new Set(places)].sort((one, other) => one - other);
  try {
    await host.readLayers([[0, 0]], candidates);
  } catch (error) {
    if (error instanceof CogumiError && error.code === 'LAYER_UNREADABLE') return null;
    throw error;
  }
  return candidates;
}
