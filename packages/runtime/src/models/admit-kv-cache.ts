import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type KvCacheMeasurement, type KvCacheType, llamaRelease, measureKvCache, mostThreads } from '@cogumi/llama';
import { makeFolder, replaceFile } from '@cogumi/pure';
import { z } from 'zod';

/** The type of KV cache that a model gets; `measured` is null where f16 was asked for, which loses nothing. */
export interface KvCacheChoice {
  readonly type: KvCacheType;
  readonly measured: KvCacheMeasurement | null;
}

const Closeness = z.object({ top1: z.number(), divergence: z.number() });
const Measurement = z.object({
  type: z.enum(['q8_0', 'q4_0']),
  positions: z.number(),
  cache: Closeness,
  rounding: Closeness,
  admitted: z.boolean(),
});

/**
 * Takes the wanted type if it was measured to be close enough to the model, otherwise f16. A measurement is kept in the cache folder: it
 * holds for the file as it is and for this release of llama.cpp.
 *
 * @throws CogumiError KV_CACHE_TYPE; as `measureKvCache`.
 */
export async function admitKvCache(
  modelPath: string,
  wanted: KvCacheType,
  cache: string,
  { threads = mostThreads(), signal }: { threads?: number; signal?: AbortSignal } = {},
): Promise<KvCacheChoice> {
  if (wanted === 'f16') return { type: 'f16', measured: null };
  const { size, mtimeMs } = await stat(modelPath);
  const key = JSON.stringify([modelPath, size, mtimeMs, wanted, llamaRelease()]);
  const folder = join(cache, 'kv-cache');
  const path = join(folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  makeFolder(folder);
  const kept = Measurement.safeParse(
    await readFile(path, 'utf8')
      .then(JSON.parse)
      .catch(() => null),
  );
  if (kept.success) return choose(kept.data);
  const measured = await measureKvCache({ modelPath, threads, ...(signal ? { signal } : {}) }, wanted, { folder });
  await replaceFile(path, JSON.stringify(measured));
  return choose(measured);
}

function choose(measured: KvCacheMeasurement): KvCacheChoice {
  return { type: measured.admitted ? measured.type : 'f16', measured };
}
