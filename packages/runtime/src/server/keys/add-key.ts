import { appendFile, open, rm, truncate } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { type KeyEntry, parseKeyEntries, parseKeyEntry } from './key-entry.ts';
import { hashOf } from './key-ring.ts';
import { readKeyText } from './open-key-file.ts';

/** How often, and how long, one waits that adds a key while another does (chosen: adding takes milliseconds). */
const LOCK_EVERY_MS = 20;
const LOCK_MS = 5000;

/**
 * Adds the hash of a key to a key file, which is made if it does not exist. Two at once add one after the other.
 *
 * @param key - At least 128 random bits: only the hash protects it.
 * @param lockMs - How long one waits while another adds a key.
 * @throws CogumiError KEYS_UNREADABLE, KEYS_UNSAFE, KEYS_INVALID, KEYS_UNWRITABLE, KEYS_LOCKED; KEY_INVALID, KEY_NAME_TAKEN: the file is as before.
 */
export async function addKey(
  path: string,
  key: string,
  limits: Omit<KeyEntry, 'sha256'>,
  lockMs = LOCK_MS,
): Promise<void> {
  const { name, ...rest } = limits;
  const line = JSON.stringify({ name, sha256: hashOf(key).toString('hex'), ...rest });
  parseKeyEntry(line, 'its line', (problem, hint) =>
    refusal('KEY_INVALID', `No key was added to ${path}: ${problem}.`, hint),
  );
  const unlock = await lock(path, lockMs);
  try {
    await append(path, name, line);
  } finally {
    await unlock();
  }
}

/** The name is looked up and the line added while no other process does so. @returns Ends it. */
async function lock(path: string, lockMs: number): Promise<() => Promise<void>> {
  const held = `${path}.lock`;
  const began = performance.now();
  while (true) {
    try {
      await (await open(held, 'wx', 0o600)).close();
      return () => rm(held, { force: true });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code !== 'EEXIST') {
        throw refusal('KEYS_UNWRITABLE', `${held} cannot be written: ${message}.`, 'Check --keys.', cause as Error);
      }
      if (performance.now() - began >= lockMs) {
        const problem = `Another process has been adding a key to ${path} for ${lockMs / 1000} s: ${held} exists.`;
        throw refusal('KEYS_LOCKED', problem, `If none runs, one was killed. Type: rm ${held}`, cause as Error);
      }
      await setTimeout(LOCK_EVERY_MS);
    }
  }
}

async function append(path: string, name: string, line: string): Promise<void> {
  const text = (await existing(path)).toString('latin1');
  // An empty file, or one whose last line was removed, is as good as none.
  if (text.trim() !== '') {
    const taken = parseKeyEntries(Buffer.from(text, 'latin1'), path).some((entry) => entry.name === name);
    if (taken) {
      const hint = 'Take another name, or remove its line first.';
      throw refusal('KEY_NAME_TAKEN', `No key was added to ${path}: it has a key "${name}" already.`, hint);
    }
    // As a whole, so that the server never meets a file that it cannot use.
    parseKeyEntries(Buffer.from(`${text}\n${line}`, 'latin1'), path);
  }
  // An editor may have left the last line without its end.
  const begin = text === '' || text.endsWith('\n') ? '' : '\n';
  await appendFile(path, `${begin}${line}\n`, { mode: 0o600 }).catch(async (cause: Error) => {
    // On a full disk a part of the line may have been written, and a server would not start with it.
    await truncate(path, text.length).catch(() => undefined);
    throw refusal(
      'KEYS_UNWRITABLE',
      `The key file ${path} cannot be written: ${cause.message}.`,
      'Check --keys.',
      cause,
    );
  });
}

/** What the file holds; nothing if there is none. */
async function existing(path: string): Promise<Buffer> {
  try {
    return await readKeyText(path);
  } catch (error) {
    if (error instanceof CogumiError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
      return Buffer.alloc(0);
    }
    throw error;
  }
}

function refusal(code: string, message: string, hint: string, cause?: unknown): CogumiError {
  return new CogumiError(code, message, hint, { exitCode: EXIT.usage, cause });
}
