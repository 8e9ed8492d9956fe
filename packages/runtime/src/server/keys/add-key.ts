import { appendFile } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { type KeyEntry, parseKeyEntries, parseKeyEntry } from './key-entry.ts';
import { hashOf } from './key-ring.ts';
import { readKeyText } from './open-key-file.ts';

/**
 * Adds the hash of a key to a key file, which is made if it does not exist.
 *
 * @param key - At least 128 random bits: only the hash protects it.
 * @throws CogumiError KEYS_UNREADABLE, KEYS_UNSAFE, KEYS_INVALID, KEYS_UNWRITABLE; KEY_INVALID, KEY_NAME_TAKEN: the file is as before.
 */
export async function addKey(path: string, key: string, limits: Omit<KeyEntry, 'sha256'>): Promise<void> {
  const { name, ...rest } = limits;
  const line = JSON.stringify({ name, sha256: hashOf(key).toString('hex'), ...rest });
  parseKeyEntry(line, 'its line', (problem, hint) =>
    refusal('KEY_INVALID', `No key was added to ${path}: ${problem}.`, hint),
  );
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
  await appendFile(path, `${begin}${line}\n`, { mode: 0o600 }).catch((cause: Error) => {
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
