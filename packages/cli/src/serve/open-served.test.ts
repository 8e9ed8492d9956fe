import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedAdapters, openServed } from './open-served.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-served-'));
  await writeFile(join(folder, 'tiny.gguf'), await tinyModel());
  await writeFile(join(folder, 'code.gguf'), tinyAdapter(1));
  await writeFile(join(folder, 'sample.cogumi'), tarOf(sampleBundle({ base: await tinyModel() })));
});
afterAll(() => rm(folder, { recursive: true }));

const options = () => ({ cache: folder, contextTokens: 64, threads: 1, sequences: 1 });

describe('openServed', () => {
  it('opens a model in GGUF with its adapters, and a bundle, by what the file holds', async () => {
    const adapters = namedAdapters([`code=${join(folder, 'code.gguf')}`]);
    const model = await openServed(join(folder, 'tiny.gguf'), adapters, options());
    expect(model.served).toEqual({ name: 'tiny', path: join(folder, 'tiny.gguf'), digest: null });
    expect(model.models.map(({ id }) => id)).toEqual(['tiny', 'tiny:base', 'tiny:code']);
    await model.close();
    const bundle = await openServed(join(folder, 'sample.cogumi'), {}, options());
    expect(bundle.served.digest).toMatch(/^sha256:/);
    await bundle.close();
  });

  it('refuses adapters for a bundle', async () => {
    const opening = openServed(join(folder, 'sample.cogumi'), { code: 'code.gguf' }, options());
    await expect(opening).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('namedAdapters', () => {
  it('takes paths with "=", and refuses what has no name, no path, or a name twice', () => {
    expect(namedAdapters(['a=x=y.gguf', 'b=z'])).toEqual({ a: 'x=y.gguf', b: 'z' });
    expect(Object.keys(namedAdapters(['__proto__=x']))).toEqual(['__proto__']);
    for (const wrong of [['a'], ['=a'], ['a='], ['a=x', 'a=y']]) {
      expect(() => namedAdapters(wrong)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});
