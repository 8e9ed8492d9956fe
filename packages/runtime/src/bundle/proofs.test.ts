import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleBundle, tarOf } from '../testing/sample-bundle.ts';
import { Proofs, TICK_MS } from './proofs.ts';
import { readBundle } from './read-bundle.ts';
import { unpackBundle } from './unpack-bundle.ts';

/** Larger than what is hashed at every start. */
const base = Buffer.alloc(9 * 2 ** 20, 'base');

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proofs-'));
  path = join(folder, 'sample.cogumi');
  await writeFile(path, tarOf(sampleBundle({ base, adapters: { code: Buffer.from('code adapter') } })));
  await sleep(TICK_MS + 20);
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes another byte into the weights, and sets the times that the file had. */
async function change(file: string, offset: number) {
  const { atime, mtime } = await stat(file);
  const bytes = await readFile(file);
  bytes[offset]! ^= 1;
  await writeFile(file, bytes);
  await utimes(file, atime, mtime);
}

describe('Proofs', () => {
  it('spares hashing a bundle that is as it was, and none that was written since, with the same size and time', async () => {
    const proofs = new Proofs(folder);
    const first = await readBundle(path, undefined, proofs);
    const { offset } = first.blobs.get(first.config.base.digest)!;
    const state = await stat(path, { bigint: true });
    expect(await proofs.has(state, first.digest)).toBe(true);
    expect(await readBundle(path, undefined, proofs)).toEqual(first);
    await change(path, offset);
    await expect(readBundle(path, undefined, proofs)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    // What was proven of the file as it is now is believed, but by who asks for all hashes.
    await sleep(TICK_MS + 20);
    await proofs.keep(await stat(path, { bigint: true }), first.digest);
    expect(await readBundle(path, undefined, proofs)).toEqual(first);
    await expect(readBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
  });

  it('replaces an unpacked file that was written since it was proven, with the same size and time', async () => {
    const bundle = await readBundle(path);
    const { basePath } = await unpackBundle(bundle, folder);
    expect(await new Proofs(folder).has(await stat(basePath, { bigint: true }), bundle.config.base.digest)).toBe(true);
    const { ino } = await stat(basePath);
    await unpackBundle(bundle, folder);
    expect((await stat(basePath)).ino).toBe(ino);
    await change(basePath, 100);
    await unpackBundle(bundle, folder);
    expect((await readFile(basePath)).equals(base)).toBe(true);
  });

  it('hashes documents each time: a proof of another file is none', async () => {
    const proofs = new Proofs(folder);
    const first = await readBundle(path, undefined, proofs);
    await change(path, first.blobs.get(first.manifest.config.digest)!.offset);
    await sleep(TICK_MS + 20);
    await proofs.keep(await stat(path, { bigint: true }), first.digest);
    await expect(readBundle(path, undefined, proofs)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
  });

  it('keeps nothing of a file that changed just now, nor where it cannot write', async () => {
    const proofs = new Proofs(folder);
    await writeFile(join(folder, 'new'), 'new');
    const state = await stat(join(folder, 'new'), { bigint: true });
    // However long it took to get here, no tick has passed since.
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Number(state.ctimeMs) + TICK_MS - 1);
    await proofs.keep(state, 'sha256:0');
    clock.mockRestore();
    expect(await proofs.has(state, 'sha256:0')).toBe(false);
    await sleep(TICK_MS + 20);
    await proofs.keep(state, 'sha256:0');
    expect(await proofs.has(state, 'sha256:0')).toBe(true);
    expect(await proofs.has(state, 'sha256:1')).toBe(false);
    await new Proofs(path).keep(state, 'sha256:0');
    expect(await readdir(folder)).toHaveLength(3);
  });
});
