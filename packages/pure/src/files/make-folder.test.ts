import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('makeFolder', () => {
  it('creates all folders above, and accepts folders that exist', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    makeFolder(relative(process.cwd(), join(folder, 'd', 'e')));
    makeFolder(`${join(folder, 'f')}/../g//h/`);
    for (const made of [deep, join(folder, 'd', 'e'), join(folder, 'g', 'h')]) {
      expect(statSync(made).isDirectory()).toBe(true);
    }
  });

  it.runIf(process.platform === 'linux')('ends with an error under /proc, where recursive mkdir never returns', () => {
    expect(() => makeFolder('/proc/cogumi/blobs')).toThrow('ENOENT');
    expect(() => makeFolder('/proc/cogumi')).toThrow('ENOENT');
  });

  it('refuses a path through a file, and names the file', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow('EEXIST');
    expect(() => makeFolder(join(file, 'below'))).toThrow(`mkdir '${file}'`);
  });
});
