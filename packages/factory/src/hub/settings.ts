import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the hub is, who asks, and where files are kept: what its own tools read from the same variables. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | null;
  /** Holds `datasets--owner--name/{blobs,refs,snapshots}`, as all tools of the hub lay it out. */
  readonly cacheFolder: string;
  /** Nothing is asked: only what is in the cache counts. */
  readonly offline: boolean;
}

/** @param env - HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, XDG_CACHE_HOME. */
export async function readHubSettings(env: NodeJS.ProcessEnv): Promise<HubSettings> {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  const token = env.HF_TOKEN?.trim() || (await readToken(env.HF_TOKEN_PATH || join(home, 'token')));
  return {
    endpoint: (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    token,
    cacheFolder: env.HF_HUB_CACHE || join(home, 'hub'),
    offline: /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? ''),
  };
}

async function readToken(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return '';
    throw cause;
  });
  return text.trim() || null;
}
