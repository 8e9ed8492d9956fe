import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';

/** What a build can use of the machine that it runs on. */
export interface Machine {
  readonly memoryBytes: number;
  /** Free on the disk that the store is on. */
  readonly diskBytes: number;
}

/** @param storeRoot - Of a store that exists or will be made: its disk is that of the nearest folder above that exists. */
export async function thisMachine(storeRoot: string): Promise<Machine> {
  // A container's limit; 0 or far more than the machine has where there is none.
  const limit = process.constrainedMemory();
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  let folder = resolve(storeRoot);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return { memoryBytes, diskBytes: bavail * bsize };
}
