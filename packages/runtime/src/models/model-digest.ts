import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readModelHeader } from '@cogumi/llama';
import { makeFolder, replaceFile } from '@cogumi/pure';

/**
 * SHA-256 of a model's files, from the cache where they are as they were: hashing gigabytes takes seconds.
 *
 * @param path - A model in GGUF, or the first of its files.
 * @param cache - Folder in which the digest is kept.
 * @returns `sha256:…`.
 * @throws CogumiError GGUF_INVALID; the signal's reason.
 */
export async function modelDigest(path: string, cache: string, signal?: AbortSignal): Promise<string> {
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
