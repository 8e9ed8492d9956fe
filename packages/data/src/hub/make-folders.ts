import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HubError } from './hub-error.ts';

/** Error codes of a file system for a place that cannot be written. */
const REFUSALS = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'ENOENT',
  'EEXIST',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EINVAL',
];

/**
 * Makes a folder and its missing parents one by one. Node's `recursive` never ends if a parent exists but reports ENOENT for every
 * folder in it, as `/proc` does.
 */
export async function makeFolders(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; !(await isThere(at)); at = dirname(at)) {
    missing.push(at);
    if (dirname(at) === at) break;
  }
  for (const folder of missing.reverse()) {
    await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (cause.code !== 'EEXIST') throw cause;
    });
  }
}

/** Runs a function that writes into the cache. @throws HubError HUB_SETTINGS_INVALID if the cache cannot be written. */
export async function writeCache<T>(cacheFolder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code = '', syscall, path } = cause as NodeJS.ErrnoException;
    if (syscall === undefined || !REFUSALS.includes(code)) throw cause;
    throw new HubError(
      'HUB_SETTINGS_INVALID',
      `The cache ${cacheFolder}, set by HF_HUB_CACHE or HF_HOME, cannot be written (${code} at ${path ?? cacheFolder}).`,
      'Set HF_HUB_CACHE, or HF_HOME, to a folder that you may write to.',
      null,
      cause,
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
}
