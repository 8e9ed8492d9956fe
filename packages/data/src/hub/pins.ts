import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { z } from 'zod';
import { openCache } from './cache.ts';
import { findCommit, listFiles } from './dataset-files.ts';
import type { Hub } from './hub.ts';

const Pin = z.strictObject({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  pinnedAt: z.string(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().nonnegative() })),
});
/** What a revision stood for when it was first asked for. */
type Pin = z.infer<typeof Pin>;

const Pins = z.strictObject({ schema: z.literal(1), datasets: z.record(z.string(), Pin) });

const FULL_COMMIT = /^[0-9a-f]{40}$/;
/** Branches and tags that other tools find in the cache by name; a name becomes a path. */
const REF = /^(?![0-9a-f]{40}$)\w[\w-]*([./]\w[\w-]*)*$/;

/**
 * The commit of a revision and its files. The hub is asked once; then the file of pins answers, so that what moves
 * upstream changes no build that has begun. Removing the entry, or the file, asks anew.
 *
 * @param path - JSON file of pins, made on first use.
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
  // Read anew: another source may have been pinned meanwhile.
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
      `${path}, which says what commits the sources of this store are pinned to, is damaged.`,
      'Remove it: revisions are looked up anew, and what moved upstream is imported anew.',
      { cause },
    );
  }
}

async function writePins(path: string, pins: z.infer<typeof Pins>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, `${JSON.stringify(pins, null, 1)}\n`);
  await rename(aside, path);
}
