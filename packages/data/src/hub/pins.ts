import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { makeFolder } from '@cogumi/pure';
import { z } from 'zod';
import { openCache } from './cache.ts';
import { findCommit, listFiles } from './dataset-files.ts';
import type { Hub } from './hub.ts';

const Pin = z.strictObject({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  pinnedAt: z.string(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().nonnegative() })),
});
/** The commit that a revision was pinned to. */
type Pin = z.infer<typeof Pin>;

const Pins = z.strictObject({ schema: z.literal(1), datasets: z.record(z.string(), Pin) });

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
  { dataset, revision }: { dataset: string; revision: string },
  path: string,
  { signal }: { signal: AbortSignal },
): Promise<Pin> {
  const key = `${dataset}@${revision}`;
  const known = (await readPins(path)).datasets[key];
  if (known) return known;
  const commit = FULL_COMMIT.test(revision) ? revision : await findCommit(hub, dataset, revision, signal);
  const files = await listFiles(hub, dataset, commit, signal);
  const pin = { commit, pinnedAt: new Date().toISOString(), files };
  if (REF.test(revision)) await openCache(hub.settings.cacheFolder, dataset).writeRef(revision, commit);
  // Read again: another source may have been pinned meanwhile.
  const { datasets } = await readPins(path);
  await writePins(path, { schema: 1, datasets: { ...datasets, [key]: pin } });
  return pin;
}

async function readPins(path: string): Promise<z.infer<typeof Pins>> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (text === null) return { schema: 1, datasets: {} };
  try {
    return Pins.parse(JSON.parse(text));
  } catch (cause) {
    throw new CogumiError(
      'PINS_UNREADABLE',
      `${path}, which records the commits that the sources of this store are pinned to, is damaged.`,
      'Delete it: revisions are then resolved again, and datasets that changed upstream are imported again.',
      { cause },
    );
  }
}

async function writePins(path: string, pins: z.infer<typeof Pins>): Promise<void> {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(pins, null, 1)}\n`);
  await rename(temporary, path);
}
