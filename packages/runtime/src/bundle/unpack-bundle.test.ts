import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleBundle, tarOf } from '../testing/sample-bundle.ts';
import { cacheFolder } from './cache-folder.ts';
import { readBundle } from './read-bundle.ts';
import { unpackBundle } from './unpack-bundle.ts';

const base = Buffer.alloc(5000, 'base');
const code = Buffer.from('code adapter');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpack-'));
  path = join(folder, 'sample.cogumi');
  await writeFile(path, tarOf(sampleBundle({ base, adapters: { code } })));
});
afterEach(() => rm(folder, { recursive: true }));

describe('unpackBundle', () => {
  it('unpacks base and adapters under their hashes and does not rewrite them the second time', async () => {
    const bundle = await readBundle(path);
    const first = await unpackBundle(bundle, folder);
    expect((await readFile(first.basePath)).equals(base)).toBe(true);
    expect((await readFile(first.adapterPaths.code!)).equals(code)).toBe(true);
    expect(first.basePath).toBe(join(folder, 'blobs', bundle.config.base.digest.replace(':', '-')));
    const { ino } = await stat(first.basePath);
    expect(await unpackBundle(bundle, folder)).toEqual(first);
    expect((await stat(first.basePath)).ino).toBe(ino);
  });

  it('replaces a file in the cache that was changed', async () => {
    const bundle = await readBundle(path);
    const { basePath } = await unpackBundle(bundle, folder);
    await writeFile(basePath, Buffer.alloc(5000, 'evil'));
    await unpackBundle(bundle, folder);
    expect((await readFile(basePath)).equals(base)).toBe(true);
  });

  it('leaves no file behind if the bundle changed after it was verified', async () => {
    const bundle = await readBundle(path);
    const bytes = await readFile(path);
    bytes[bundle.blobs.get(bundle.config.base.digest)!.offset]! ^= 1;
    await writeFile(path, bytes);
    await expect(unpackBundle(bundle, folder)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    expect(await readdir(join(folder, 'blobs'))).toEqual([]);
  });

  it('removes partial files of killed processes, but not those that are being written', async () => {
    const bundle = await readBundle(path);
    const blobs = join(folder, 'blobs');
    await mkdir(blobs);
    const ages = { old: 2, running: 0.5, 'not-a-part': 48 };
    for (const [name, hours] of Object.entries(ages)) {
      const file = join(blobs, name === 'not-a-part' ? name : `sha256-0.${name}.partial`);
      await writeFile(file, 'half');
      await utimes(file, new Date(), new Date(Date.now() - hours * 3_600_000));
    }
    const { basePath, adapterPaths } = await unpackBundle(bundle, folder);
    const kept = [basePath, ...Object.values(adapterPaths)].map((file) => basename(file));
    expect((await readdir(blobs)).sort()).toEqual([...kept, 'not-a-part', 'sha256-0.running.partial'].sort());
  });

  it('names the folder that it cannot write to', async () => {
    await expect(unpackBundle(await readBundle(path), path)).rejects.toMatchObject({ code: 'CACHE_UNWRITABLE' });
  });
});

describe('cacheFolder', () => {
  it('follows COGUMI_CACHE, then XDG_CACHE_HOME', () => {
    expect(cacheFolder({ COGUMI_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/cogumi');
    expect(cacheFolder({})).toMatch(/\.cache\/cogumi$/);
  });
});
