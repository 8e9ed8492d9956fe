import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileState, makeFolder, replaceFile } from '@cogumi/pure';

/**
 * How long before now a file must have changed last: until the clock of its file system ticks, another change would have the same time. That
 * of Linux ticks every 1 to 10 ms, that of a file system that counts whole seconds every 1 to 2 s.
 */
export const TICK_MS = 50;
const COARSE_TICK_MS = 2_500;

/**
 * Remembers which files were hashed and found to be what they should be, by device, inode, size and times to the nanosecond. A file that
 * is written, replaced or gets other times has to be hashed again; one that a failing disk changes by itself has the same times, so
 * `cogumi verify` never asks here. Who can write to the cache folder can forge what stands here, and the files beside it as well.
 */
export class Proofs {
  readonly #folder: string;

  constructor(cache: string) {
    this.#folder = join(cache, 'proofs');
  }

  /** Whether a file in this state was found to have a digest (`sha256:…`). */
  async has(state: BigIntStats, digest: string): Promise<boolean> {
    return (await readFile(this.#pathOf(state), 'utf8').catch(() => '')) === digest;
  }

  /**
   * Keeps what was found. Nothing is kept where the file changed just before, or where the folder cannot be written: it is hashed again.
   *
   * @param state - Of before the file was hashed, and the same after it.
   */
  async keep(state: BigIntStats, digest: string): Promise<void> {
    const tickMs = state.ctimeNs % 1_000_000_000n === 0n ? COARSE_TICK_MS : TICK_MS;
    if (Date.now() - Number(state.ctimeMs) < tickMs) return;
    try {
      makeFolder(this.#folder);
      await replaceFile(this.#pathOf(state), digest);
    } catch {
      // The next start hashes it again.
    }
  }

  #pathOf(state: BigIntStats): string {
    return join(this.#folder, `${createHash('sha256').update(fileState(state)).digest('hex')}.txt`);
  }
}

/** Whether a file is as it was. */
export function sameState(one: BigIntStats, other: BigIntStats): boolean {
  return fileState(one) === fileState(other);
}
