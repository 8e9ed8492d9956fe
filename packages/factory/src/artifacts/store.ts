import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactManifest, CogumiError } from '@cogumi/contracts';
import { listFiles } from './hash-file.ts';

/** Raised when folders change in a way that older code cannot read. */
const STORE_SCHEMA = 1;

/** Folders inside an unfinished artifact that are working state, not result. */
const WORKING = ['checkpoint', 'work'];

/** A finished artifact: its manifest and where its files lie. */
export interface Artifact {
  readonly manifest: ArtifactManifest;
  readonly folder: string;
}

/** Everything of a manifest that the maker of an artifact decides; the store adds schema and files. */
export type ArtifactRecord = Omit<ArtifactManifest, 'schema' | 'files'>;

/**
 * Content-addressed artifacts in a folder. An artifact exists when its manifest exists; work happens in a sibling
 * `.partial` folder that is renamed at the end. Nothing that exists is ever changed.
 */
export interface Store {
  readonly root: string;
  find(key: string): Promise<Artifact | null>;
  /** The folder to work in. `keep`: continue what a killed predecessor left; otherwise start empty. */
  begin(key: string, keep: boolean): Promise<string>;
  /** Hashes the files of a `.partial` folder, writes the manifest last and moves the folder to its final name. */
  finish(record: ArtifactRecord): Promise<Artifact>;
  list(): Promise<Artifact[]>;
  /** Unfinished work: key and bytes. */
  listPartial(): Promise<{ key: string; bytes: number }[]>;
  remove(key: string): Promise<void>;
}

/**
 * Opens a store, made on first use.
 *
 * @param root - Folder, e.g. `.cogumi`.
 * @throws CogumiError STORE_VERSION when the folder was written by another version of the layout.
 */
export async function openStore(root: string): Promise<Store> {
  const artifacts = join(root, 'artifacts');
  await mkdir(artifacts, { recursive: true });
  await checkVersion(root);

  const folderOf = (key: string) => join(artifacts, key);
  const partialOf = (key: string) => join(artifacts, `${key}.partial`);

  const find = async (key: string): Promise<Artifact | null> => {
    const text = await readFile(join(folderOf(key), 'manifest.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    return { manifest: parseManifest(text, key), folder: folderOf(key) };
  };

  return {
    root,
    find,
    begin: async (key, keep) => {
      const folder = partialOf(key);
      if (!keep) await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      return folder;
    },
    finish: async (record) => {
      const folder = partialOf(record.key);
      for (const name of WORKING) await rm(join(folder, name), { recursive: true, force: true });
      await rm(join(folder, 'manifest.json'), { force: true });
      const files = await listFiles(folder);
      const manifest = ArtifactManifest.parse({ ...record, schema: 1, files });
      await writeDurably(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
      await rename(folder, folderOf(record.key));
      return { manifest, folder: folderOf(record.key) };
    },
    list: async () => {
      const found: Artifact[] = [];
      for (const name of (await readdir(artifacts)).sort()) {
        if (name.endsWith('.partial')) continue;
        const artifact = await find(name);
        if (artifact) found.push(artifact);
      }
      return found;
    },
    listPartial: async () => {
      const found: { key: string; bytes: number }[] = [];
      for (const name of (await readdir(artifacts)).sort()) {
        if (!name.endsWith('.partial')) continue;
        found.push({ key: name.slice(0, -'.partial'.length), bytes: await folderBytes(join(artifacts, name)) });
      }
      return found;
    },
    remove: async (key) => {
      // The manifest goes first: a removal cut short leaves no artifact that only looks whole.
      await rm(join(folderOf(key), 'manifest.json'), { force: true });
      await rm(folderOf(key), { recursive: true, force: true });
      await rm(partialOf(key), { recursive: true, force: true });
    },
  };
}

async function checkVersion(root: string): Promise<void> {
  const path = join(root, 'store.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) {
    await writeDurably(path, `${JSON.stringify({ schema: STORE_SCHEMA })}\n`);
    return;
  }
  let found: unknown;
  try {
    found = (JSON.parse(text) as { schema?: unknown }).schema;
  } catch {
    found = text.slice(0, 40);
  }
  if (found !== STORE_SCHEMA) {
    throw new CogumiError(
      'STORE_VERSION',
      `The store ${root} has layout ${JSON.stringify(found)}; this version reads layout ${STORE_SCHEMA}.`,
      `Give another folder (\`--store DIR\`), or delete ${root} to build everything anew.`,
    );
  }
}

function parseManifest(text: string, key: string): ArtifactManifest {
  try {
    return ArtifactManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new CogumiError(
      'ARTIFACT_UNREADABLE',
      `The manifest of artifact ${key.slice(0, 12)} is damaged or from another version.`,
      `Remove it with \`cogumi clean --key ${key.slice(0, 12)} --yes\`; the next build makes it again.`,
      { cause },
    );
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  const handle = await open(temporary, 'r+');
  await handle.sync();
  await handle.close();
  await rename(temporary, path);
}

/** Bytes of all files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
