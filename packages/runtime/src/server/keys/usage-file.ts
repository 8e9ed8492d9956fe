import { readFile } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { replaceFile } from '@cogumi/pure';
import { z } from 'zod';
import { hashOf, type KeyRing } from './key-ring.ts';

/** How often what was used is written, if it has changed (chosen): a crash forgets so much at most. */
const SAVE_MS = 60_000;

/** By the hash of a key's name: tokens that were used of a day's at a time, in milliseconds since 1970. */
const Usage = z.record(z.string(), z.object({ tokens: z.number().nonnegative(), at: z.number() }));

export interface UsageFile {
  /** Writes what is used now. A file that cannot be written changes nothing else. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps what keys have used of their day in a file, so that a restart gives nobody a new day.
 *
 * @param onProblem - The file cannot be read or written. Called once until it can be written again; the server goes on.
 * @param now - Milliseconds since 1970. A clock that was set back frees nothing.
 */
export async function openUsageFile(
  path: string,
  keys: KeyRing,
  onProblem: (error: CogumiError) => void,
  now: () => number = Date.now,
): Promise<UsageFile> {
  let failing = false;
  const fail = (verb: string, cause: unknown) => {
    if (failing) return;
    failing = true;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `What keys have used today cannot be ${verb} ${path}: ${why}.`;
    onProblem(new CogumiError('KEYS_USAGE', message, 'A restart forgets it until the file can be written.', { cause }));
  };
  try {
    const usage = Usage.parse(JSON.parse(await readFile(path, 'utf8')));
    for (const client of keys.clients) {
      const used = usage[hashOf(client.name).toString('hex')];
      if (used) client.restoreDay(used.tokens, Math.max(0, now() - used.at));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') fail('read from', error);
  }
  let written = textOf(keys, 0);
  const write = async () => {
    // The time alone is no change.
    const text = textOf(keys, 0);
    if (text === written) return;
    try {
      await replaceFile(path, textOf(keys, now()));
      written = text;
      failing = false;
    } catch (error) {
      fail('written to', error);
    }
  };
  let writing = Promise.resolve();
  const save = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(save, SAVE_MS).unref();
  return {
    save,
    close: () => {
      clearInterval(timer);
      return save();
    },
  };
}

function textOf(keys: KeyRing, at: number): string {
  const used = keys.clients
    .map((client) => [hashOf(client.name).toString('hex'), { tokens: Math.ceil(client.usedOfDay), at }] as const)
    .filter(([, { tokens }]) => tokens > 0);
  return JSON.stringify(Object.fromEntries(used));
}
