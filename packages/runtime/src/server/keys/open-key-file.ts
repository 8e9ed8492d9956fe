import { constants, unwatchFile, watchFile } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { type KeyEntry, parseKeyEntries } from './key-entry.ts';
import { KeyRing } from './key-ring.ts';
import { openUsageFile } from './usage-file.ts';

const { O_NONBLOCK, O_RDONLY, S_IFMT, S_IFREG } = constants;
/** Largest key file in bytes (chosen): 1,000 keys with 1,000 bytes each. */
const LARGEST_FILE_BYTES = 1e6;
/** How often the file is looked at (chosen): a key that was revoked is used no longer than this. */
const WATCH_MS = 1000;
/** Write permission of the group and of others. */
const FOREIGN_WRITE = 0o022;

export interface KeyFile {
  readonly keys: KeyRing;
  /** Reads the file now. A file that cannot be used changes nothing. */
  reload(): Promise<void>;
  /** Writes what keys have used. */
  close(): Promise<void>;
}

/**
 * Opens a key file, and reads it again when it changes. A file beside it, `<file>.usage.json`, keeps what keys have used of their day.
 *
 * @param events - `onReload`: new keys are in use. `onProblem`: the file cannot be used now, and the keys before stay in use.
 * `onUsageProblem`: the file beside it cannot be read or written.
 * @throws CogumiError KEYS_UNREADABLE, KEYS_UNSAFE, KEYS_INVALID.
 */
export async function openKeyFile(
  given: string,
  events: {
    readonly onReload: (keys: number) => void;
    readonly onProblem: (error: CogumiError) => void;
    readonly onUsageProblem: (error: CogumiError) => void;
  },
): Promise<KeyFile> {
  const path = resolve(given);
  const keys = new KeyRing(await readKeyFile(path));
  const usage = await openUsageFile(`${path}.usage.json`, keys, events.onUsageProblem);
  let reading: Promise<void> = Promise.resolve();
  const read = async () => {
    try {
      keys.replace(await rereadKeyFile(path));
      events.onReload(keys.size);
    } catch (error) {
      if (!(error instanceof CogumiError)) throw error;
      events.onProblem(error);
    }
  };
  // One after the other, so that the last reading counts.
  const reload = () => {
    reading = reading.then(read);
    return reading;
  };
  // Looking at the file finds every kind of change, also a new file of the same name and one on a network drive.
  const onChange = () => void reload();
  watchFile(path, { interval: WATCH_MS, persistent: false }, onChange);
  const close = () => {
    unwatchFile(path, onChange);
    return usage.close();
  };
  return { keys, reload, close };
}

/**
 * Reads the file of a server that runs. One without a line may be half written, so it is read again a little later; if it has none
 * then either, the last key was taken back, and no key holds.
 */
async function rereadKeyFile(path: string): Promise<KeyEntry[]> {
  const text = await readKeyText(path);
  if (!isBlank(text)) return parseKeyEntries(text, path);
  await setTimeout(WATCH_MS);
  const again = await readKeyText(path);
  return isBlank(again) ? [] : parseKeyEntries(again, path);
}

function isBlank(text: Buffer): boolean {
  return text.toString('latin1').trim() === '';
}

/** @throws CogumiError KEYS_UNREADABLE, KEYS_UNSAFE, KEYS_INVALID. */
export async function readKeyFile(path: string): Promise<KeyEntry[]> {
  return parseKeyEntries(await readKeyText(path), path);
}

/** What a key file holds, unless it is none, too large, or could have been written by others. @throws CogumiError KEYS_UNREADABLE, KEYS_UNSAFE. */
export async function readKeyText(path: string): Promise<Buffer> {
  const unusable = (code: string, message: string, hint: string, cause?: unknown) =>
    new CogumiError(code, message, hint, { exitCode: EXIT.usage, cause });
  const unreadable = (problem: string, cause?: unknown) =>
    unusable('KEYS_UNREADABLE', `The key file ${path} cannot be read: ${problem}.`, 'Check --keys.', cause);
  // Without O_NONBLOCK opening a named pipe would wait for its writer.
  const file = await open(path, O_RDONLY | O_NONBLOCK).catch((cause: Error) => {
    throw unreadable(cause.message, cause);
  });
  try {
    const { mode, size } = await file.stat();
    if ((mode & S_IFMT) !== S_IFREG) throw unreadable('it is not a file');
    if (process.platform !== 'win32' && (mode & FOREIGN_WRITE) !== 0) {
      throw unusable(
        'KEYS_UNSAFE',
        `Others than its owner may write the key file ${path} (mode ${(mode & 0o777).toString(8)}), and so give themselves a key.`,
        `Type: chmod go-w ${path}`,
      );
    }
    if (size > LARGEST_FILE_BYTES) throw unreadable(`it has ${size} bytes, at most ${LARGEST_FILE_BYTES} are allowed`);
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
