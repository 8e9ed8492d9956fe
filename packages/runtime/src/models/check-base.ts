import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { readGgufHeader } from '@cogumi/llama';
import { makeFolder, replaceFile } from '@cogumi/pure';

/** What an adapter's file calls the GGUF file of its base (`export-adapter` writes it). */
const KEY = 'cogumi.base.digest';

/**
 * Compares the base that each adapter's file names with the model. Shapes alone do not tell: other weights may have the same.
 *
 * @param cache - The model's digest is kept there, for the file as it is.
 * @returns Names of the adapters whose base is unknown.
 * @throws CogumiError ADAPTER_BASE; GGUF_INVALID; the signal's reason.
 */
export async function checkBase(
  modelPath: string,
  adapters: Readonly<Record<string, string>>,
  cache: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const unknown: string[] = [];
  for (const [name, path] of Object.entries(adapters)) {
    const wanted = (await readGgufHeader(path)).metadata.get(KEY);
    if (typeof wanted !== 'string') {
      unknown.push(name);
      continue;
    }
    const found = await digestOf(modelPath, cache, signal);
    if (wanted === found) continue;
    throw new CogumiError(
      'ADAPTER_BASE',
      `Adapter "${name}" (${path}) was trained on the base ${wanted}; ${modelPath} is ${found}.`,
      'Serve it with the model file that it was trained on.',
      { exitCode: EXIT.usage },
    );
  }
  return unknown;
}

/** SHA-256 of a file, from the cache where the file is as it was: hashing gigabytes takes seconds. */
async function digestOf(path: string, cache: string, signal: AbortSignal | undefined): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  const key = JSON.stringify([path, size, mtimeMs, ino]);
  const folder = join(cache, 'digests');
  const kept = join(folder, `${createHash('sha256').update(key).digest('hex')}.txt`);
  const before = await readFile(kept, 'utf8').catch(() => '');
  if (/^sha256:[0-9a-f]{64}$/.test(before)) return before;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) })) {
    hash.update(chunk as Buffer);
  }
  const digest = `sha256:${hash.digest('hex')}`;
  makeFolder(folder);
  await replaceFile(kept, digest);
  return digest;
}
