import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { makeFolder, replaceFile } from '@cogumi/pure';
import { z } from 'zod';
import { openCache } from './cache.ts';
import type { Hub } from './hub.ts';
import type { Repository } from './repository.ts';
import { findCommit, listFiles } from './repository-files.ts';

const Pin = z.strictObject({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  pinnedAt: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      bytes: z.int().nonnegative(),
      /** Of its content; pins of earlier versions have none. */
      hash: z.string().optional(),
    }),
  ),
});
/** The commit that a revision was pinned to. */
export type Pin = z.infer<typeof Pin>;

const Pins = z.strictObject({
  schema: z.literal(1),
  datasets: z.record(z.string(), Pin),
  models: z.record(z.string(), Pin).default({}),
});

const FULL_COMMIT = /^[0-9a-f]{40}$/;
/** Names of branches and tags that are recorded in the cache for other tools; a name becomes a path. */
const REF = /^(?![0-9a-f]{40}$)\w[\w-]*([./]\w[\w-]*)*$/;

/**
 * Resolves a revision to a commit and its files. The Hub is asked once; afterwards the pins file answers, so that changes upstream do
 * not affect a build. Delete the entry, or the file, to ask the Hub again.
 *
 * @param path - JSON file of pins, created on first use.
 * @throws HubError; CogumiError PINS_UNREADABLE.
 */
export async function pinRevision(
  hub: Hub,
  { repository, revision }: { repository: Repository; revision: string },
  path: string,
  { signal }: { signal: AbortSignal },
): Promise<Pin> {
  const key = `${repository.id}@${revision}`;
  const section = `${repository.kind}s` as const;
  const known = (await readPins(path))[section][key];
  if (known) return known;
  const cached = hub.settings.offline ? await findCached(hub, repository, revision) : null;
  // Not noted: the cache may hold only a part of it.
  if (cached) return cached;
  const commit = FULL_COMMIT.test(revision) ? revision : await findCommit(hub, repository, revision, signal);
  const files = await listFiles(hub, repository, commit, signal);
  const pin = { commit, pinnedAt: new Date().toISOString(), files };
  if (REF.test(revision)) await openCache(hub.settings.cacheFolder, repository).writeRef(revision, commit);
  // Read again: another source may have been pinned meanwhile.
  const pins = await readPins(path);
  await writePins(path, { ...pins, [section]: { ...pins[section], [key]: pin } });
  return pin;
}

/** What the cache has of a model, which says itself whether it is complete; a dataset does not. */
async function findCached(hub: Hub, repository: Repository, revision: string): Promise<Pin | null> {
  if (repository.kind !== 'model') return null;
  const cache = openCache(hub.settings.cacheFolder, repository);
  const commit = FULL_COMMIT.test(revision) ? revision : REF.test(revision) ? await cache.readRef(revision) : null;
  const files = commit !== null && FULL_COMMIT.test(commit) ? await cache.list(commit) : [];
  return files.length === 0 ? null : { commit: commit as string, pinnedAt: new Date().toISOString(), files };
}

async function readPins(path: string): Promise<z.infer<typeof Pins>> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (text === null) return { schema: 1, datasets: {}, models: {} };
  try {
    return Pins.parse(JSON.parse(text));
  } catch (cause) {
    throw new CogumiError(
      'PINS_UNREADABLE',
      `${path}, which records the commits that the sources of this store are pinned to, is damaged.`,
      'Delete it: revisions are then resolved again, and what changed upstream is fetched again.',
      { cause },
    );
  }
}

async function writePins(path: string, pins: z.infer<typeof Pins>): Promise<void> {
  makeFolder(dirname(path));
  await replaceFile(path, `${JSON.stringify(pins, null, 1)}\n`);
}
