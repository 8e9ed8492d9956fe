import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Slope, slopeOf } from './slope.ts';

const LEAK_BYTES = 256;

/** Memory of a process after it has collected its garbage. */
export interface ProcessMemory {
  readonly aliveBytes: number;
  readonly residentBytes: number;
  /** Bytes with each request, over the last two thirds. */
  readonly alive: Slope;
  readonly resident: Slope;
}

/**
 * Lets processes collect garbage now and then and say what is alive. Without it the heap grows to its working size for tens of thousands of
 * requests, and a leak cannot be told from that.
 */
export class MemoryLooks {
  readonly #file: string;
  /** Requests that had ended at each look. */
  readonly #requests: number[] = [];

  /** @param folder - Of the files in which the processes say it. */
  constructor(folder: string) {
    this.#file = join(folder, 'heap');
  }

  /** Of the processes, when they are started. */
  get env(): Readonly<Record<string, string>> {
    return {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'show-heap.mjs')}`,
      COGUMI_HEAP_FILE: this.#file,
    };
  }

  look(pids: readonly number[], requests: number): void {
    this.#requests.push(requests);
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
  }

  of(pid: number): ProcessMemory {
    const lines = readFileSync(`${this.#file}.${pid}`, 'utf8').trim().split('\n');
    const seen = lines.map((line, at) => [this.#requests[at] as number, ...line.split(' ').map(Number)] as number[]);
    const rest = lastTwoThirds(seen);
    const slope = (column: number) => slopeOf(rest.map((row) => [row[0] as number, row[column] as number] as const));
    const [, aliveBytes = 0, residentBytes = 0] = seen.at(-1) ?? [];
    return { aliveBytes, residentBytes, alive: slope(1), resident: slope(2) };
  }
}

/** One line about a process. */
export function describeMemory({ aliveBytes, residentBytes, alive, resident }: ProcessMemory): string {
  const more = ({ perX, low, high }: Slope) =>
    `${Math.round(perX)} bytes more with a request (95%: ${Math.round(low)} to ${Math.round(high)})`;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${mib(aliveBytes)} alive after a collection, ${more(alive)}; ${mib(residentBytes)} resident, ${more(resident)}`;
}

/**
 * Whether each request leaves something behind: the interval of what is alive is above 0, and not below what a request that is never freed
 * would leave at least (chosen: its record has eighteen fields and three texts).
 */
export function leaks({ alive }: ProcessMemory): boolean {
  return alive.low > 0 && alive.high > LEAK_BYTES;
}

/** The first third may fill caches. */
export function lastTwoThirds<T>(samples: readonly T[]): T[] {
  return samples.slice(Math.floor(samples.length / 3));
}
