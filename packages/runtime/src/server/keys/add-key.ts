import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { type KeyEntry, parseKeyEntries } from './key-entry.ts';
import { hashOf } from './key-ring.ts';
import { readKeyFile } from './open-key-file.ts';

const NEWLINE = 10;

/**
 * Adds the hash of a key to a key file, which is made if it does not exist.
 *
 * @param key - At least 128 random bits: only the hash protects it.
 * @throws CogumiError KEYS_UNREADABLE, KEYS_UNSAFE, KEYS_INVALID, KEYS_UNWRITABLE.
 */
export async function addKey(path: string, key: string, limits: Omit<KeyEntry, 'sha256'>): Promise<void> {
  const { name, ...rest } = limits;
  const entry = JSON.stringify({ name, sha256: hashOf(key).toString('hex'), ...rest });
  const text = existsSync(path) ? await readFile(path) : Buffer.alloc(0);
  const before = text.length === 0 ? [] : await readKeyFile(path);
  // Checked as a whole, so that the server never meets a line that it cannot use.
  parseKeyEntries(Buffer.from([...before.map((kept) => JSON.stringify(kept)), entry].join('\n')), path);
  // An editor may have left the last line without its end.
  const begin = text.length === 0 || text.at(-1) === NEWLINE ? '' : '\n';
  await appendFile(path, `${begin}${entry}\n`, { mode: 0o600 }).catch((cause: Error) => {
    throw new CogumiError(
      'KEYS_UNWRITABLE',
      `The key file ${path} cannot be written: ${cause.message}.`,
      'Check --keys.',
      {
        exitCode: EXIT.usage,
        cause,
      },
    );
  });
}
