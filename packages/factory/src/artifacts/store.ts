import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ArtifactManifest, CogumiError, EXIT } from '@cogumi/contracts';
import { makeFolder } from '@cogumi/pure';
import { hashFile, listFiles } from './hash-file.ts';

/** Version of the folder layout; raise it when older code could not read the new one. */
const STORE_SCHEMA = 1;

/** Folders of an unfinished artifact that hold working state and are no part of the result. */
const WORKING = ['checkpoint', 'work'];

/** A finished artifact: its manifest and the folder of its files. */
export interface Artifact {
  readonly manifest: ArtifactManifest;
  readonly folder: string;
}

/** Names that the store gives to folders in `artifacts/`; it never touches any other name. */
const ENTRY = /^([0-9a-f]{64})(\.partial|\.incoming)?(\.removed)?$/;

/** One folder of the store, finished or not. */
export type StoreEntry = {
  /** Name of its folder in `artifacts/`. */
  readonly name: string;
  readonly key: string;
  readonly bytes: number;
} & (
  | { readonly state: 'finished'; readonly manifest: ArtifactManifest }
  /** `unreadable`: the manifest is damaged; `unfinished`: work in progress or killed; `leftover`: of an interrupted removal. */
  | { readonly state: 'unreadable' | 'unfinished' | 'leftover' }
);

/** The part of a manifest that the caller provides; the store adds schema and files. */
export type ArtifactRecord = Omit<ArtifactManifest, 'schema' | 'files'>;

/**
 * Content-addressed artifacts in a folder. An artifact exists when its manifest exists. Stages write to a sibling folder
 * `.partial`, which is renamed at the end. A finished artifact never changes.
 */
export interface Store {
  readonly root: string;
  find(key: string): Promise<Artifact | null>;
  /** Compares every file with the manifest. @throws CogumiError ARTIFACT_CORRUPT with both hashes. */
  check(artifact: Artifact): Promise<void>;
  /** Returns the folder to write to. `keep`: with the files that a killed run left there; otherwise empty. */
  begin(key: string, keep: boolean): Promise<string>;
  /** Hashes the files of a `.partial` folder, writes the manifest last and moves the folder to its final name. */
  finish(record: ArtifactRecord): Promise<Artifact>;
  /** Takes an artifact from elsewhere: `fill` writes its files and its manifest to a folder, which then gets its final name. */
  receive(key: string, fill: (folder: string) => Promise<void>): Promise<string>;
  /** All entries by name, damaged ones too, so that they can be removed. */
  list(): Promise<StoreEntry[]>;
  /** Removes one entry. An interrupted removal leaves a `leftover`, which never looks finished. */
  remove(name: string): Promise<void>;
}

/**
 * Opens a store.
 *
 * @param root - Folder, e.g. `.cogumi`.
 * @param missing - Where there is no store yet: `create` makes one; `refuse` throws; `empty` gives a store without artifacts. The last
 * two write nothing, so that they work on a store that is read-only.
 * @throws CogumiError STORE_VERSION when the folder has another layout; STORE_MISSING; STORE_UNUSABLE.
 */
export async function openStore(root: string, missing: 'create' | 'refuse' | 'empty' = 'create'): Promise<Store> {
  const artifacts = join(root, 'artifacts');
  try {
    if (missing === 'create') makeFolder(artifacts);
    if (!(await checkVersion(root))) {
      if (missing === 'create') await writeVersion(root);
      if (missing === 'refuse') throw await noStore(root);
    }
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (cause instanceof CogumiError || code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    throw new CogumiError(
      'STORE_UNUSABLE',
      `${root} cannot be a store: ${UNUSABLE[code] ?? message}${code in UNUSABLE ? ` (${message})` : ''}.`,
      'Name a folder that you can write to with `--store DIR`.',
      { cause, exitCode: EXIT.usage },
    );
  }

  const folderOf = (key: string) => join(artifacts, key);
  const partialOf = (key: string) => join(artifacts, `${key}.partial`);

  const find = async (key: string): Promise<Artifact | null> => {
    const path = join(folderOf(key), 'manifest.json');
    const text = await readFile(path, 'utf8')
      .catch(absent)
      .catch((cause) => {
        throw unreadable(root, key, `cannot be read (${cause.code})`, cause);
      });
    if (text === null) return null;
    const manifest = parseManifest(text, root, key);
    if (manifest.key !== key) throw unreadable(root, key, `belongs to artifact ${manifest.key.slice(0, 12)}`, null);
    return { manifest, folder: folderOf(key) };
  };

  const remove = async (name: string): Promise<void> => {
    const folder = join(artifacts, name);
    // One rename hides the artifact; the deletions that follow may be interrupted.
    const aside = name.endsWith('.removed') ? folder : `${folder}.removed`;
    if (aside !== folder) {
      await rm(aside, { recursive: true, force: true });
      await rename(folder, aside).catch(absent);
    }
    await rm(aside, { recursive: true, force: true });
  };

  const describe = async (name: string): Promise<StoreEntry | null> => {
    const [, key, partial, removed] = ENTRY.exec(name) ?? [];
    if (key === undefined) return null;
    const entry = async (state: 'unreadable' | 'unfinished' | 'leftover') => {
      return { name, key, state, bytes: await folderBytes(join(artifacts, name)) };
    };
    if (removed) return entry('leftover');
    if (partial) return entry('unfinished');
    try {
      const found = await find(key);
      if (!found) return entry('leftover');
      const bytes = found.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      return { name, key, state: 'finished', manifest: found.manifest, bytes };
    } catch {
      return entry('unreadable');
    }
  };

  return {
    root,
    find,
    check: async ({ manifest, folder }) => {
      for (const { path, bytes, sha256 } of manifest.files) {
        const full = join(folder, path);
        const size = (await stat(full).catch(absent))?.size;
        const found = size === undefined ? 'is missing' : size === bytes ? await hashFile(full) : `has ${size} bytes`;
        if (found === sha256) continue;
        const expected = size === bytes ? sha256 : `${bytes} bytes`;
        const actual = found.length === 64 ? `has SHA-256 ${found}` : found;
        throw new CogumiError(
          'ARTIFACT_CORRUPT',
          `${path} of artifact ${manifest.key.slice(0, 12)} (${manifest.stage}) ${actual}; its manifest says ${expected}.`,
          howToRemove(root, manifest.key),
        );
      }
    },
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
      // A folder without a manifest is no artifact. Older versions left one behind when a removal was interrupted.
      if ((await stat(join(folderOf(record.key), 'manifest.json')).catch(absent)) === null) await remove(record.key);
      await rename(folder, folderOf(record.key));
      return { manifest, folder: folderOf(record.key) };
    },
    receive: async (key, fill) => {
      const incoming = join(artifacts, `${key}.incoming`);
      await rm(incoming, { recursive: true, force: true });
      await mkdir(incoming, { recursive: true });
      try {
        await fill(incoming);
        await rename(incoming, folderOf(key));
      } catch (cause) {
        await rm(incoming, { recursive: true, force: true }).catch(() => undefined);
        throw cause;
      }
      return folderOf(key);
    },
    list: async () => {
      const found: StoreEntry[] = [];
      for (const name of ((await readdir(artifacts).catch(absent)) ?? []).sort()) {
        const entry = await describe(name);
        if (entry) found.push(entry);
      }
      return found;
    },
    remove,
  };
}

/** What the system's codes mean for a folder that is opened or made. */
const UNUSABLE: Readonly<Record<string, string>> = {
  EEXIST: 'a file lies in its place',
  ENOTDIR: 'a file lies in its place, or in the place of a folder above it',
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EROFS: 'its disk is mounted read-only',
  ENOENT: 'no folder can be made there',
};

async function noStore(root: string): Promise<CogumiError> {
  const isThere = (await stat(root).catch(absent)) !== null;
  return new CogumiError(
    'STORE_MISSING',
    isThere ? `${root} is no store: it has no store.json.` : `There is no store at ${root}.`,
    'Set its folder with `--store`, or create a store with `cogumi build RECIPE`.',
    { exitCode: EXIT.usage },
  );
}

async function writeVersion(root: string): Promise<void> {
  await writeDurably(join(root, 'store.json'), `${JSON.stringify({ schema: STORE_SCHEMA })}\n`);
}

/** @returns Whether there is a store. @throws CogumiError STORE_VERSION; what the system says of a folder that cannot be read. */
async function checkVersion(root: string): Promise<boolean> {
  const text = await readFile(join(root, 'store.json'), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (text === null) return false;
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
      `Name another folder (\`--store DIR\`), or delete ${root} to rebuild everything.`,
    );
  }
  return true;
}

function parseManifest(text: string, root: string, key: string): ArtifactManifest {
  try {
    return ArtifactManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(root, key, 'is damaged or from another version', cause);
  }
}

function unreadable(root: string, key: string, how: string, cause: unknown): CogumiError {
  const message = `The manifest of artifact ${key.slice(0, 12)} ${how}.`;
  return new CogumiError('ARTIFACT_UNREADABLE', message, howToRemove(root, key), { cause });
}

function howToRemove(root: string, key: string): string {
  return `Remove it with \`cogumi clean --store ${root} --key ${key.slice(0, 12)} --yes\`; the next build makes it again.`;
}

/** Returns null when the file does not exist; rethrows every other error. */
function absent(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
  throw cause;
}

async function writeDurably(path: string, text: string): Promise<void> {
  // A hidden name: one that a kill leaves behind is never listed as a file of the artifact.
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  await writeFile(temporary, text);
  const handle = await open(temporary, 'r+');
  await handle.sync();
  await handle.close();
  await rename(temporary, path);
}

/** Bytes of all files below a folder. Files may disappear meanwhile, since a build may be running there. */
async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else if (entry.isFile()) bytes += (await stat(path).catch(absent))?.size ?? 0;
  }
  return bytes;
}
