import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { readHubSettings } from '@cogumi/data/hub';

/** What a build can use of the machine that it runs on. */
export interface Machine {
  readonly memoryBytes: number;
  /** Free on the disk that the store is on. */
  readonly diskBytes: number;
  /** Free on the disk of the hub's cache; null where that is the disk of the store, and where nothing is downloaded. */
  readonly cacheDiskBytes: number | null;
}

/**
 * @param storeRoot - Of a store that exists or will be made: its disk is that of the nearest folder above that exists.
 * @param downloads - Whether something comes from the hub; otherwise its settings are not read, which may be wrong.
 * @throws CogumiError HUB_SETTINGS_INVALID.
 */
export async function thisMachine(storeRoot: string, downloads: boolean): Promise<Machine> {
  // A container's limit; 0 or far more than the machine has where there is none.
  const limit = process.constrainedMemory();
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const store = nearestFolder(storeRoot);
  const cache = downloads ? nearestFolder((await readHubSettings(process.env)).cacheFolder) : store;
  const sameDisk = (await stat(store)).dev === (await stat(cache)).dev;
  return {
    memoryBytes,
    diskBytes: await freeBytes(store),
    cacheDiskBytes: sameDisk ? null : await freeBytes(cache),
  };
}

function nearestFolder(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
