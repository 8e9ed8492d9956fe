import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { hashJson } from '@cogumi/pure';
import { type Engine, findPython, ROOT } from '../../engine/index.ts';
import type { Placement } from './placement.ts';

const FILE = 'engine.json';

/**
 * The engine's versions as the last worker reported them, without starting one; null when the environment has changed since,
 * or none was ever started for this store.
 */
export async function knownEngineVersions(storeRoot: string, placement: Placement): Promise<string | null> {
  try {
    const known = JSON.parse(await readFile(join(storeRoot, FILE), 'utf8')) as {
      environment: string;
      versions: string;
    };
    return known.environment === (await environmentOf(placement)) ? known.versions : null;
  } catch {
    return null;
  }
}

/** The versions, asked for where they are not known. */
export async function learnEngineVersions(storeRoot: string, placement: Placement, engine: Engine): Promise<string> {
  const known = await knownEngineVersions(storeRoot, placement);
  if (known !== null) return known;
  const versions = await engine.versions();
  await writeFile(
    join(storeRoot, FILE),
    `${JSON.stringify({ environment: await environmentOf(placement), versions })}\n`,
  );
  return versions;
}

/** A worker must be what the keys of this build say. @throws CogumiError ENGINE_CHANGED. */
export function checkEngineVersions(planned: string, running: string, storeRoot: string): void {
  if (planned === running) return;
  throw new CogumiError(
    'ENGINE_CHANGED',
    `The engine is "${running}"; this store last saw "${planned}".`,
    `Delete ${join(storeRoot, FILE)} and build again: everything that depends on the engine is rebuilt.`,
  );
}

/** What versions and device depend on, as far as it can be seen from outside. */
async function environmentOf(placement: Placement): Promise<string> {
  const python = findPython(process.env);
  const settings = await readFile(join(python, '../../pyvenv.cfg'), 'utf8').catch(() => '');
  const requirements = await readFile(join(ROOT, 'engine/requirements.txt'), 'utf8').catch(() => '');
  return hashJson({ python, settings, requirements, ...placement, processor: cpus()[0]?.model ?? '' });
}
