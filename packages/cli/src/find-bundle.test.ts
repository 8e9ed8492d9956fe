import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBundle } from './find-bundle.ts';

let folder: string;
const before = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-find-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

function store(...names: string[]): void {
  mkdirSync('.cogumi/bundles', { recursive: true });
  for (const [at, name] of names.entries()) {
    writeFileSync(`.cogumi/bundles/${name}`, '');
    utimesSync(`.cogumi/bundles/${name}`, 1000 + at, 1000 + at);
  }
}

describe('findBundle', () => {
  it('finds a file, a bundle of the store by its name with or without its ending, and the newest one', async () => {
    store('nano.cogumi', 'support.cogumi', 'notes.txt');
    writeFileSync('mine.cogumi', '');
    expect(await findBundle('mine.cogumi')).toBe('mine.cogumi');
    expect(await findBundle('nano')).toBe('.cogumi/bundles/nano.cogumi');
    expect(await findBundle('nano.cogumi')).toBe('.cogumi/bundles/nano.cogumi');
    expect(await findBundle(undefined)).toBe('.cogumi/bundles/support.cogumi');
  });

  it('takes the bundle of the store rather than a folder of that name, and a file rather than the bundle', async () => {
    store('nano.cogumi');
    mkdirSync('nano');
    expect(await findBundle('nano')).toBe('.cogumi/bundles/nano.cogumi');
    mkdirSync('other');
    expect(await findBundle('other')).toBe('other');
    writeFileSync('nano.cogumi', '');
    expect(await findBundle('nano.cogumi')).toBe('nano.cogumi');
  });

  it('lists what is there when it finds none, with the nearest name', async () => {
    store('nano.cogumi', 'support.cogumi');
    await expect(findBundle('nnao')).rejects.toMatchObject({
      code: 'BUNDLE_NOT_FOUND',
      message: expect.stringContaining('Did you mean "nano"?'),
      hint: expect.stringContaining('support, nano'),
    });
    rmSync('.cogumi', { recursive: true });
    await expect(findBundle('nano')).rejects.toMatchObject({ hint: expect.stringContaining('cogumi build') });
    await expect(findBundle(undefined)).rejects.toMatchObject({ exitCode: 3 });
  });
});
