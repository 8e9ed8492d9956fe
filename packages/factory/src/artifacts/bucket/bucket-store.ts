import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { ArtifactManifest, CogumiError, type FileEntry } from '@cogumi/contracts';
import { hashFile } from '../hash-file.ts';
import type { Artifact, Store } from '../store.ts';
import type { Bucket } from './bucket.ts';

/** How often a file whose bytes are not those of the manifest is fetched (chosen): a transfer may be torn, an object stays torn. */
const FETCHES = 2;

const objectOf = (sha256: string) => `files/${sha256}`;
const manifestOf = (key: string) => `artifacts/${key}.json`;

/**
 * A store in a folder whose artifacts also lie in a bucket: what others have made is fetched when it is looked for, and what is finished
 * here is put there. Files lie under their SHA-256, each once; the manifest of an artifact is put last. So an artifact is there if and
 * only if its manifest is, and two machines that make the same one write the same.
 */
export function withBucket(store: Store, bucket: Bucket): Store {
  const there = new Set<string>();

  const push = async ({ manifest, folder }: Artifact): Promise<void> => {
    if (there.has(manifest.key)) return;
    if ((await bucket.size(manifestOf(manifest.key))) === null) {
      for (const { path, bytes, sha256 } of manifest.files) {
        const held = await bucket.size(objectOf(sha256));
        // One of another size was torn: it is put again.
        if (held !== bytes) await bucket.putFile(objectOf(sha256), join(folder, path), sha256, held === null);
      }
      const path = join(folder, 'manifest.json');
      await bucket.putFile(manifestOf(manifest.key), path, await hashFile(path), true);
    }
    there.add(manifest.key);
  };

  const pull = async (key: string): Promise<Artifact | null> => {
    const found = await bucket.get(manifestOf(key), text);
    if (found === null) return null;
    const manifest = readManifest(found, key, bucket.address);
    const folder = await store.receive(key, async (incoming) => {
      for (const file of manifest.files) await fetchFile(bucket, file, join(incoming, file.path), key);
      await writeFile(join(incoming, 'manifest.json'), found);
    });
    there.add(key);
    return { manifest, folder };
  };

  return {
    ...store,
    find: async (key) => {
      const found = await store.find(key);
      if (found === null) return pull(key);
      await push(found);
      return found;
    },
    finish: async (record) => {
      const artifact = await store.finish(record);
      await push(artifact);
      return artifact;
    },
  };
}

function readManifest(text: string, key: string, address: string): ArtifactManifest {
  let manifest: ArtifactManifest | null = null;
  try {
    manifest = ArtifactManifest.parse(JSON.parse(text));
  } catch {
    // Reported below.
  }
  const isInside = ({ path }: FileEntry) => !path.startsWith('/') && !path.split('/').includes('..');
  if (manifest?.key === key && manifest.files.every(isInside)) return manifest;
  throw torn(address, manifestOf(key), manifest ? `is of artifact ${manifest.key}` : 'is no manifest of this version');
}

/** @throws CogumiError BUCKET_TORN */
async function fetchFile(bucket: Bucket, { bytes, sha256 }: FileEntry, target: string, key: string): Promise<void> {
  const name = objectOf(sha256);
  await mkdir(dirname(target), { recursive: true });
  let found = '';
  for (let fetches = 0; fetches < FETCHES; fetches++) {
    const got = await bucket.get(name, (answer) => save(answer, target));
    if (got === null) throw torn(bucket.address, name, `is missing, and artifact ${key.slice(0, 12)} names it`);
    if (got.sha256 === sha256) return;
    found = got.bytes === bytes ? `has SHA-256 ${got.sha256}` : `has ${got.bytes} bytes of ${bytes}`;
  }
  throw torn(bucket.address, name, found);
}

async function save(answer: Readable, target: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  };
  await pipeline(answer, measured, createWriteStream(target));
  return { bytes, sha256: hash.digest('hex') };
}

function torn(address: string, name: string, what: string): CogumiError {
  return new CogumiError(
    'BUCKET_TORN',
    `${address}/${name} ${what}; nothing of it was kept.`,
    'Delete that object. A build in a store that has the file puts it there again; another one without `--bucket` makes it anew.',
  );
}
