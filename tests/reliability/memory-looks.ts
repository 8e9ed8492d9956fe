import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BLOCKS, type Slope, slopeOf } from './slope.ts';

const LEAK_BYTES = 256;

/** Memory of a process after it has collected its garbage. */
export interface ProcessMemory {
  /** Objects of JavaScript. */
  readonly alive: Growth;
  /** ArrayBuffers and Buffers, as Node counts them. */
  readonly buffers: Growth;
  /** All, with V8's heap. */
  readonly resident: Growth;
}

export interface Growth {
  /** At the end. */
  readonly bytes: number;
  /** Bytes with each request, over the last two thirds. */
  readonly slope: Slope;
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
      // V8 takes and gives back its young generation in steps of tens of MiB, which hide everything else; so it is held small.
      NODE_OPTIONS: `--max-semi-space-size=1 --import=${join(import.meta.dirname, 'show-heap.mjs')}`,
      COGUMI_HEAP_FILE: this.#file,
    };
  }

  look(pids: readonly number[], requests: number): void {
    this.#requests.push(requests);
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
  }

  /** @throws RangeError after too few looks. */
  of(pid: number): ProcessMemory {
    const lines = readFileSync(`${this.#file}.${pid}`, 'utf8').trim().split('\n');
    const seen = lines.map((line, at) => [this.#requests[at] as number, ...line.split(' ').map(Number)] as number[]);
    const rest = lastTwoThirds(seen);
    if (rest.length < BLOCKS) throw new RangeError(`${seen.length} looks are too few for a slope`);
    const growth = (column: number): Growth => ({
      bytes: seen.at(-1)?.[column] as number,
      slope: slopeOf(rest.map((row) => [row[0] as number, row[column] as number] as const)),
    });
    return { alive: growth(1), buffers: growth(2), resident: growth(3) };
  }
}

/** One line about a process. */
export function describeMemory({ alive, buffers, resident }: ProcessMemory): string {
  const text = ({ bytes, slope: { perX, low, high } }: Growth) =>
    `${(bytes / 2 ** 20).toFixed(1)} MiB, ${Math.round(perX)} bytes more with a request (95%: ${Math.round(low)} to ${Math.round(high)})`;
  return `alive after a collection ${text(alive)}; buffers ${text(buffers)}; resident ${text(resident)}`;
}

/**
 * Whether each request leaves something behind. The bound is below what one leaves at least that is never freed (chosen: its record alone
 * has eighteen fields and three texts). What is resident comes in pages and arenas, so there the whole interval has to be above.
 */
export function leaks({ alive, resident }: ProcessMemory): boolean {
  return (alive.slope.low > 0 && alive.slope.high > LEAK_BYTES) || resident.slope.low > LEAK_BYTES;
}

/** The first third may fill caches. */
export function lastTwoThirds<T>(samples: readonly T[]): T[] {
  return samples.slice(Math.floor(samples.length / 3));
}
