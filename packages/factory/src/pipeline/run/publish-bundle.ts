import { constants, copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../../artifacts/store.ts';

/** Puts the finished bundle where people look for it: `bundles/<name>.cogumi`. */
export async function publishBundle(name: string, artifact: Artifact | undefined, root: string) {
  if (!artifact) return { bundle: null, digest: null };
  const folder = join(root, 'bundles');
  await mkdir(folder, { recursive: true });
  const target = join(folder, `${name}.cogumi`);
  const temporary = `${target}.${process.pid}.tmp`;
  const source = join(artifact.folder, 'bundle.cogumi');
  // Shared blocks where the file system can, so that a change to the one never reaches the other.
  await copyFile(source, temporary, constants.COPYFILE_FICLONE);
  await rename(temporary, target);
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(artifact.manifest.facts, null, 1)}\n`);
  return { bundle: target, digest: String(artifact.manifest.facts.digest) };
}
