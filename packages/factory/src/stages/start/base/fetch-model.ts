import { dirname } from 'node:path';
import { downloadFile, openHubOnce } from '@cogumi/data/hub';
import type { Progress } from '../../context.ts';
import type { HubModel } from './options.ts';

/** Of a line of 200 Mbit/s (chosen). */
export const DOWNLOAD_BYTES_A_SECOND = 20e6;

interface Fetching {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/**
 * Downloads the files of a model into the cache of all Hugging Face tools, one after the other, each checked by its hash. What is in
 * the cache is not asked for.
 *
 * @returns The folder of the commit in the cache.
 * @throws HubError, HUB_CHANGED among them when a file is not what was pinned; DISK_FULL.
 */
export async function fetchModel({ id, commit, files }: HubModel, { signal, progress }: Fetching): Promise<string> {
  const hub = await openHubOnce()();
  const repository = { kind: 'model', id } as const;
  let folder = '';
  for (const [path, hash] of Object.entries(files)) {
    const note = `downloading ${path} of ${id}`;
    const onBytes = (done: number, total: number) => progress({ done, total, unit: 'bytes', note });
    folder = dirname(await downloadFile(hub, { repository, commit, path, hash }, { signal, onBytes }));
  }
  return folder;
}
