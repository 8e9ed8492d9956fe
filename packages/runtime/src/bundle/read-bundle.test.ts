import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, sampleBundle, sha, tarOf } from '../testing/sample-bundle.ts';
import { BundleError } from './bundle-error.ts';
import { readBundle } from './read-bundle.ts';

const base = Buffer.alloc(600, 'the base ');
const adapters = { code: Buffer.alloc(100, 'code '), reasoning: Buffer.alloc(200, 'reasoning ') };
const router = {
  schema: 1,
  routes: ['base', 'code', 'reasoning'],
  features: { hiddenSize: 2, mean: [0, 0], scale: [1, 1] },
  layers: [{ inputs: 2, outputs: 3, weights: [1, 0, 0, 1, 1, 1], bias: [0, 0, 0] }],
  perplexityBound: 30,
};

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-bundle-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function place(bytes: Buffer): Promise<string> {
  const path = join(folder, `${count++}.cogumi`);
  await writeFile(path, bytes);
  return path;
}

/** The error with which these bytes are refused. Any other kind of failure is thrown. */
async function refusal(bytes: Buffer): Promise<BundleError> {
  const path = await place(bytes);
  const error = await readBundle(path).then(
    () => new Error('it was accepted'),
    (error: unknown) => error,
  );
  await rm(path);
  if (!(error instanceof BundleError)) throw error;
  return error;
}

describe('readBundle', () => {
  const whole = tarOf(sampleBundle({ base, adapters, router }));

  it('reads a bundle and identifies it by the digest of its manifest', async () => {
    const entries = sampleBundle({ base, adapters, router });
    const bundle = await readBundle(await place(whole));
    expect(bundle.digest).toBe(sha(entries[2]!.bytes));
    expect(bundle.bytes).toBe(whole.length);
    expect(bundle.config.modifiers.map(({ name }) => name)).toEqual(['code', 'reasoning']);
    expect(bundle.router?.routes).toEqual(['base', 'code', 'reasoning']);
    const entry = bundle.blobs.get(bundle.config.base.digest)!;
    expect(whole.subarray(entry.offset, entry.offset + entry.size).equals(base)).toBe(true);
  });

  it('refuses a single flipped bit at any position', async () => {
    const path = await place(whole);
    const file = await open(path, 'r+');
    const accepted: number[] = [];
    // All bytes that are not zero, and every fifth zero byte: unused fields, paddings and the end mark.
    for (let at = 0; at < whole.length; at++) {
      if (whole[at] === 0 && at % 5 !== 0) continue;
      await file.write(Buffer.of(whole[at]! ^ (1 << (at % 8))), 0, 1, at);
      await readBundle(path).then(
        () => accepted.push(at),
        (error: unknown) => {
          if (!(error instanceof BundleError)) throw error;
        },
      );
      await file.write(whole, at, 1, at);
    }
    await file.close();
    expect(accepted).toEqual([]);
    expect((await readBundle(path)).bytes).toBe(whole.length);
  });

  it('refuses a file that is truncated anywhere', async () => {
    const codes = new Set<string>();
    for (let length = 0; length < whole.length; length += 97) {
      codes.add((await refusal(whole.subarray(0, length))).code);
    }
    codes.add((await refusal(whole.subarray(0, whole.length - 1))).code);
    expect([...codes]).toEqual(['BUNDLE_TRUNCATED']);
  });

  it('refuses bytes after the end', async () => {
    expect(await refusal(Buffer.concat([whole, Buffer.alloc(512)]))).toMatchObject({ code: 'BUNDLE_CORRUPT' });
    expect(await refusal(Buffer.concat([whole, Buffer.from('x')]))).toMatchObject({ code: 'BUNDLE_CORRUPT' });
  });

  it('refuses paths out of the folder, links and unknown names', async () => {
    const add = (entry: Partial<Entry>) =>
      tarOf([...sampleBundle(), { name: 'blobs/sha256/aa', bytes: Buffer.alloc(0), ...entry }]);
    for (const entry of [
      { name: '../../etc/passwd', bytes: Buffer.from('root') },
      { name: '/etc/passwd' },
      { name: 'blobs/sha256/../../../x' },
      { name: 'C:\\x' },
      { name: 'notes.txt' },
      { name: `blobs/sha256/${'a'.repeat(64)}`, type: '2', linkname: '/etc/passwd' },
      { name: `blobs/sha256/${'a'.repeat(64)}`, type: '1', linkname: 'index.json' },
      { name: 'blobs/', type: '5' },
      { name: 'index.json', type: 'x' },
    ]) {
      expect(await refusal(add(entry)), JSON.stringify(entry)).toMatchObject({ code: 'BUNDLE_UNSAFE_PATH' });
    }
  });

  it('refuses a duplicate entry, an unreferenced entry and a missing entry', async () => {
    const entries = sampleBundle();
    expect((await refusal(tarOf([...entries, entries[3]!]))).message).toContain('appears twice');
    const stray = Buffer.from('stray');
    const strayEntry = { name: `blobs/sha256/${sha(stray).slice(7)}`, bytes: stray };
    expect((await refusal(tarOf([...entries, strayEntry]))).message).toContain('does not name this entry');
    for (const missing of entries.keys()) {
      expect((await refusal(tarOf(entries.filter((_, at) => at !== missing)))).message).toMatch(/missing/);
    }
  });

  it('refuses modifiers and routers of another base, with both digests', async () => {
    const other = `sha256:${'1'.repeat(64)}`;
    const foreign = sampleBundle({
      base,
      adapters,
      edit: (config) => ({
        ...config,
        modifiers: (config.modifiers as object[]).map((modifier) => ({ ...modifier, base: other })),
      }),
    });
    const error = await refusal(tarOf(foreign));
    expect(error.code).toBe('MODIFIER_BASE_MISMATCH');
    expect(error.message).toContain(other);
    expect(error.message).toContain(sha(base));
    const strange = sampleBundle({
      base,
      adapters,
      router,
      edit: (config) => ({ ...config, router: { ...(config.router as object), base: other } }),
    });
    expect(await refusal(tarOf(strange))).toMatchObject({ code: 'ROUTER_BASE_MISMATCH' });
  });

  it('refuses a config that names missing layers, a router of the wrong shape, and a future schema', async () => {
    expect(await refusal(tarOf(sampleBundle({ edit: (config) => ({ ...config, name: '../x' }) })))).toMatchObject({
      code: 'BUNDLE_CORRUPT',
    });
    const unlisted = sampleBundle({ adapters, edit: (config) => ({ ...config, modifiers: [] }) });
    expect((await refusal(tarOf(unlisted))).message).toContain('the config names none');
    expect((await refusal(tarOf(sampleBundle({ router })))).message).toContain('routes code, reasoning');
    const crooked = { ...router, layers: [{ ...router.layers[0], bias: [0] }] };
    expect((await refusal(tarOf(sampleBundle({ adapters, router: crooked })))).message).toContain(
      '1 biases for 3 outputs',
    );
    expect(await refusal(tarOf(sampleBundle({ edit: (config) => ({ ...config, schema: 2 }) })))).toMatchObject({
      code: 'BUNDLE_UNSUPPORTED',
    });
  });

  it('refuses files that are not bundles', async () => {
    expect(await refusal(Buffer.from('{"not": "a tar"}'))).toMatchObject({ code: 'NOT_A_BUNDLE' });
    expect(await refusal(await readFile(process.execPath).then((bytes) => bytes.subarray(0, 4096)))).toMatchObject({
      code: 'BUNDLE_CORRUPT',
    });
    await expect(readBundle(join(folder, 'nowhere.cogumi'))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    await expect(readBundle(folder)).rejects.toMatchObject({ code: 'NOT_A_BUNDLE' });
  });
});
