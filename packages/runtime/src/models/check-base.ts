import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { readGgufHeader, readModelHeader } from '@cogumi/llama';
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

/** SHA-256 of a model's files, from the cache where they are as they were: hashing gigabytes takes seconds. */
async function digestOf(path: string, cache: string, signal: AbortSignal | undefined): Promise<string> {
  const { parts } = await readModelHeader(path);
  const states = await Promise.all(parts.map((part) => stat(part)));
  const key = JSON.stringify([parts, states.map(({ size, mtimeMs, ino }) => [size, mtimeMs, ino])]);
  const folder = join(cache, 'digests');
  const kept = join(folder, `${createHash('sha256').update(key).digest('hex')}.txt`);
  const before = await readFile(kept, 'utf8').catch(() => '');
  if (/^sha256:[0-9a-f]{64}$/.test(before)) return before;
  const hash = createHash('sha256');
  for (const part of parts) {
    const chunks = createReadStream(part, { highWaterMark: 2 ** 20, ...(signal ? { signal } : {}) });
    for await (const chunk of chunks) hash.update(chunk as Buffer);
  }
  const digest = `sha256:${hash.digest('hex')}`;
  makeFolder(folder);
  await replaceFile(kept, digest);
  return digest;
}
