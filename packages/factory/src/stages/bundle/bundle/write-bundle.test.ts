import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile } from '../../../artifacts/hash-file.ts';
import { type BundleParts, writeBundle } from './write-bundle.ts';

let folder: string;
let parts: Omit<BundleParts, 'output'>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-bundle-'));
  await writeFile(join(folder, 'model.gguf'), Buffer.alloc(70_001, 'base'));
  await writeFile(join(folder, 'code.gguf'), 'an adapter');
  const base = `sha256:${await hashFile(join(folder, 'model.gguf'))}`;
  parts = {
    name: 'sample',
    description: 'A sample.',
    base: { path: join(folder, 'model.gguf'), parameters: 10, contextTokens: 64, quantization: 'q8_0' },
    modifiers: [{ name: 'code', path: join(folder, 'code.gguf'), base, domain: 'coding', rank: 4 }],
    router: null,
    documents: [{ mediaType: 'text/markdown', title: 'README.md', text: '# sample\n' }],
    gates: [],
    lineage: { quantize: 'b', base: 'a' },
    licences: ['Apache-2.0'],
  };
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeBundle', () => {
  it('gives equal bytes for equal parts, and no trace of a partial file', async () => {
    const first = await writeBundle({ ...parts, output: join(folder, 'one.cogumi') });
    const second = await writeBundle({
      ...parts,
      output: join(folder, 'two.cogumi'),
      lineage: { base: 'a', quantize: 'b' },
    });
    expect(second).toEqual(first);
    expect(await hashFile(join(folder, 'two.cogumi'))).toBe(await hashFile(join(folder, 'one.cogumi')));
    expect((await readFile(join(folder, 'one.cogumi'))).length).toBe(first.bytes);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is a tar file that tar itself unpacks to blobs named by their hashes', async () => {
    await writeBundle({ ...parts, output: join(folder, 'tar.cogumi') });
    const listed = execFileSync('tar', ['-tf', join(folder, 'tar.cogumi')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(listed.slice(0, 2)).toEqual(['oci-layout', 'index.json']);
    const blobs = listed.slice(2);
    expect(blobs).toEqual([...blobs].sort());
    expect(blobs).toHaveLength(5); // manifest, config, base, adapter, card
    execFileSync('tar', ['-xf', join(folder, 'tar.cogumi'), '-C', folder]);
    for (const blob of blobs) expect(`blobs/sha256/${await hashFile(join(folder, blob))}`).toBe(blob);
  });

  it('refuses a modifier that was trained on another base', async () => {
    const foreign = { ...parts.modifiers[0]!, base: `sha256:${'0'.repeat(64)}` };
    await expect(
      writeBundle({ ...parts, output: join(folder, 'x.cogumi'), modifiers: [foreign] }),
    ).rejects.toMatchObject({
      code: 'MODIFIER_BASE_MISMATCH',
    });
    expect(await readdir(folder)).not.toContain('x.cogumi');
  });
});
