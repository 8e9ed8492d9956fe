import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { printable } from './printable.ts';

/** Address, token and cache folder, from the variables that all Hugging Face tools use. */
export interface HubSettings {
  /** Address without a trailing slash. */
  readonly endpoint: string;
  readonly token: string | null;
  /** Contains `datasets--owner--name/{blobs,refs,snapshots}`, the layout of all Hugging Face tools. */
  readonly cacheFolder: string;
  /** If true, no request is sent: only the cache is used. */
  readonly offline: boolean;
}

/**
 * @param env - HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, XDG_CACHE_HOME.
 * @throws CogumiError HUB_SETTINGS_INVALID with the variable's name, never with a token or password.
 */
export async function readHubSettings(env: NodeJS.ProcessEnv): Promise<HubSettings> {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: readEndpoint(env.HF_ENDPOINT || 'https://huggingface.co'),
    token: readToken('HF_TOKEN', env.HF_TOKEN ?? '') ?? (await readTokenFile(env.HF_TOKEN_PATH || join(home, 'token'))),
    cacheFolder: env.HF_HUB_CACHE || join(home, 'hub'),
    offline: /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? ''),
  };
}

function readEndpoint(text: string): string {
  const url = URL.parse(text);
  const hint = 'Set HF_ENDPOINT to an address such as https://huggingface.co, or unset it.';
  // The part before an @ may contain a password.
  const shown = text.includes('@') ? 'its value' : `"${printable(text)}"`;
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid(`HF_ENDPOINT: ${shown} is not the address of a Hub.`, hint);
  if (url.username !== '' || url.password !== '') {
    const message = `HF_ENDPOINT contains a user name or a password before ${url.host}; a Hub accepts none.`;
    throw invalid(message, `Set HF_ENDPOINT to ${url.protocol}//${url.host}, and HF_TOKEN to the token.`);
  }
  if (url.search !== '' || url.hash !== '')
    throw invalid(`HF_ENDPOINT: ${shown} has more than a host and a path.`, hint);
  return text.trim().replace(/\/+$/, '');
}

/** @returns null for an empty token. */
function readToken(variable: string, text: string): string | null {
  const token = text.trim();
  const at = token.search(/[^\x21-\x7e]/);
  if (at === -1) return token || null;
  throw invalid(
    `Character ${at + 1} of ${token.length} in ${variable} cannot be part of a token: it is a space, a line end or not ASCII.`,
    variable === 'HF_TOKEN'
      ? 'Set HF_TOKEN to only the token, hf_…, in one line.'
      : `Write only the token, hf_…, into ${variable}.`,
  );
}

async function readTokenFile(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return '';
    const hint = 'Make it readable, or set HF_TOKEN_PATH or HF_HOME to another path.';
    throw invalid(
      `${path}, the token file set by HF_TOKEN_PATH or HF_HOME, cannot be read (${cause.code}).`,
      hint,
      cause,
    );
  });
  return readToken(path, text);
}

function invalid(message: string, hint: string, cause?: unknown): CogumiError {
  return new CogumiError('HUB_SETTINGS_INVALID', message, hint, { cause, exitCode: EXIT.usage });
}
