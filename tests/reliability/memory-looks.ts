import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BLOCKS, type Slope, slopeOf } from './slope.ts';

/**
 * What a request that is never freed leaves at least (chosen: its record alone has eighteen fields and three texts).
 */
const LEAK_BYTES = 256;
const POLL_MS = 20;
/** A process takes up to 250 ms for it (measured); this long only without a core (chosen). */
const LATE_MS = 60_000;

/** Memory of a process after it has collected its garbage. */
export interface ProcessMemory {
  /** Objects of JavaScript, ArrayBuffers and Buffers, without code. */
  readonly alive: Growth;
  /** All, with V8's heap and what llama.cpp has taken. */
  readonly resident: Growth;
}

export interface Growth {
  /** At the end. */
  readonly bytes: number;
  /** Bytes with each request, over the second half. */
  readonly slope: Slope;
}

/**
 * Lets processes collect garbage now and then and say what is alive. Without it the heap grows to its working size for tens of thousands of
 * requests, and a leak cannot be told from that.
 */
export class MemoryLooks {
  readonly #file: string;
  readonly #leakBytes: number;
  /** Requests that had ended at each look. */
  readonly #requests: number[] = [];

  /** @param folder - Of the files in which the processes say it. @param leakBytes - That they keep of each request, to see that it is noticed. */
  constructor(folder: string, leakBytes = 0) {
    this.#file = join(folder, 'heap');
    this.#leakBytes = leakBytes;
  }

  /** Of the processes, when they are started. */
  get env(): Readonly<Record<string, string>> {
    const loaded = ['show-heap.mjs', ...(this.#leakBytes > 0 ? ['plant-leak.mjs'] : [])];
    return {
      // V8 takes and gives back its young generation in steps of tens of MiB, which hide what else is resident; so it is held small.
      NODE_OPTIONS: `--max-semi-space-size=1 ${loaded.map((name) => `--import=${join(import.meta.dirname, name)}`).join(' ')}`,
      COGUMI_HEAP_FILE: this.#file,
      COGUMI_LEAK_BYTES: String(this.#leakBytes),
    };
  }

  /** Resolves when the processes have said it. Best while no request is being answered: what those hold is not left behind. */
  async look(pids: readonly number[], requests: number): Promise<void> {
    this.#requests.push(requests);
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    for (const pid of pids) {
      for (let waited = 0; this.#lines(pid).length < this.#requests.length; waited += POLL_MS) {
        if (waited > LATE_MS) throw new Error(`process ${pid} has not said what is alive for ${LATE_MS} ms`);
        await sleep(POLL_MS);
      }
    }
  }

  /** @throws RangeError after too few looks. */
  of(pid: number): ProcessMemory {
    const seen = this.#lines(pid).map((line, at) => {
      const [heap = 0, buffers = 0, resident = 0] = line.split(' ').map(Number);
      return { requests: this.#requests[at] as number, alive: heap + buffers, resident };
    });
    const rest = secondHalf(seen);
    if (rest.length < BLOCKS) throw new RangeError(`${seen.length} looks are too few for a slope`);
    const growth = (of: 'alive' | 'resident'): Growth => ({
      bytes: seen.at(-1)?.[of] as number,
      slope: slopeOf(rest.map((look) => [look.requests, look[of]] as const)),
    });
    return { alive: growth('alive'), resident: growth('resident') };
  }

  #lines(pid: number): string[] {
    const path = `${this.#file}.${pid}`;
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }
}

/** One line about a process. */
export function describeMemory({ alive, resident }: ProcessMemory): string {
  const text = ({ bytes, slope: { perX, low, high } }: Growth) =>
    `${(bytes / 2 ** 20).toFixed(1)} MiB, ${Math.round(perX)} bytes more with a request (95%: ${Math.round(low)} to ${Math.round(high)})`;
  return `alive after a collection ${text(alive)}; resident ${text(resident)}`;
}

/**
 * Whether requests may leave something behind. What is alive must not grow by what a leaked request leaves, at the upper end of the interval:
 * so a measurement that is too noisy to tell does not pass. What is resident comes in pages and arenas and goes up to a working size, so
 * there the whole interval has to be above, and only long runs are judged.
 */
export function leaks({ alive, resident }: ProcessMemory, { long }: { readonly long: boolean }): boolean {
  return alive.slope.high > LEAK_BYTES || (long && resident.slope.low > LEAK_BYTES);
}

/** The first half may fill caches. */
export function secondHalf<T>(samples: readonly T[]): T[] {
  return samples.slice(Math.floor(samples.length / 2));
}
