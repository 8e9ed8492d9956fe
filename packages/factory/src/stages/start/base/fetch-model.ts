import { openFile } from '@cogumi/data/formats';
import { downloadFile, openHubOnce } from '@cogumi/data/hub';
import type { Progress } from '../../context.ts';
import type { ModelFiles } from './check-model.ts';
import type { HubModel } from './options.ts';

/** Of a line of 200 Mbit/s (chosen). */
export const DOWNLOAD_BYTES_A_SECOND = 20e6;

interface Fetching {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** A model whose files are on this machine. */
interface FetchedModel extends ModelFiles {
  /** Path of one of its files in the cache. */
  path(file: string): string;
}

/**
 * Downloads the files of a model into the cache of all Hugging Face tools, one after the other, each checked by its hash. What is in
 * the cache is not asked for.
 *
 * @throws HubError, HUB_CHANGED among them when a file is not what was pinned; DISK_FULL.
 */
export async function fetchModel(
  { id, commit, files }: HubModel,
  { signal, progress }: Fetching,
): Promise<FetchedModel> {
  const hub = await openHubOnce()();
  const repository = { kind: 'model', id } as const;
  const paths = new Map<string, string>();
  for (const [path, hash] of Object.entries(files)) {
    const note = `downloading ${path} of ${id}`;
    const onBytes = (done: number, total: number) => progress({ done, total, unit: 'bytes', note });
    paths.set(path, await downloadFile(hub, { repository, commit, path, hash }, { signal, onBytes }));
  }
  const path = (file: string) => paths.get(file) as string;
  return {
    name: `${id} at ${commit.slice(0, 12)}`,
    files: [...paths.keys()],
    path,
    open: (file) => openFile(path(file)),
  };
}
