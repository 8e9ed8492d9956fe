import { CogumiError, EXIT } from '@cogumi/contracts';
import type { MemoryNeed } from '@cogumi/llama';
import type { FreeMemory } from '@cogumi/pure';
import type { RuntimeOptions } from '../runtime.ts';

/** Answers side by side where nothing else is wanted. */
export const DEFAULT_SEQUENCES = 4;

/** How many answers a server makes side by side, the most bytes of adapters that it keeps, and the memory that both take. */
export interface Fit {
  readonly sequences: number;
  readonly adapterMemory: number;
  readonly need: MemoryNeed;
  readonly free: FreeMemory;
}

/** A model takes more memory than is free. Sizes in bytes. */
export class MemoryTooSmallError extends CogumiError {
  readonly neededBytes: number;
  readonly freeBytes: number;

  constructor(sequences: number, need: MemoryNeed, { bytes, bound }: FreeMemory) {
    const { weights, adapters, cache, compute } = need;
    const parts = [
      `weights ${sizeText(weights)}`,
      ...(adapters > 0 ? [`adapters ${sizeText(adapters)}`] : []),
      `KV cache of ${sequences} ${sequences === 1 ? 'sequence' : 'sequences'} ${sizeText(cache)}`,
      `buffers ${sizeText(compute)}`,
    ];
    const where = bound === 'cgroup' ? ' within the memory limit of this container or service' : '';
    super(
      'MEMORY_TOO_SMALL',
      `The model needs ${sizeText(totalBytes(need))} (${parts.join(', ')}); ${sizeText(bytes)} are free${where}.`,
      'Lower `--context`, `--sequences` or `--adapter-memory`, take a smaller `--kv-cache` or a smaller model, or end other programs.',
      { exitCode: EXIT.failed },
    );
    this.neededBytes = totalBytes(need);
    this.freeBytes = bytes;
  }
}

export function totalBytes({ weights, adapters, cache, compute }: MemoryNeed): number {
  return weights + adapters + cache + compute;
}

/**
 * How many sequences a model gets: the wanted number, or as many as fit, up to the default. Adapters get what is left, at least the
 * largest: one that is loaded again costs less than a request that waits.
 *
 * @param needOf - Predicts the memory with so many sequences.
 * @throws MemoryTooSmallError if the wanted number does not fit, or not even one does.
 */
export async function fitSequences(
  { sequences: wanted, adapterMemory }: Pick<RuntimeOptions, 'sequences' | 'adapterMemory'>,
  needOf: (sequences: number) => Promise<MemoryNeed>,
  free: FreeMemory,
): Promise<Fit> {
  for (let sequences = wanted ?? DEFAULT_SEQUENCES; ; sequences--) {
    const predicted = await needOf(sequences);
    const { all, largest, copies } = predicted.adapterSizes;
    const left = free.bytes - totalBytes({ ...predicted, adapters: 0 });
    const kept = Math.min(all, adapterMemory ?? Math.max(largest, Math.floor(left / copies)));
    const need = { ...predicted, adapters: copies * kept };
    if (totalBytes(need) <= free.bytes) return { sequences, adapterMemory: adapterMemory ?? kept, need, free };
    if (wanted !== undefined || sequences === 1) throw new MemoryTooSmallError(sequences, need, free);
  }
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
