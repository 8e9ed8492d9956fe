import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for unpacked blobs: `COGUMI_CACHE`, else `XDG_CACHE_HOME/cogumi`, else `~/.cache/cogumi`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.COGUMI_CACHE) return env.COGUMI_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cogumi');
}
