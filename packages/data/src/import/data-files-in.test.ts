import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataFilesIn } from './data-files-in.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const place = (...paths: string[]) => {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '{}');
  }
};

describe('dataFilesIn', () => {
  it('finds data files of the train split, not hidden ones and not those of a store with its lock', async () => {
    place('b/train.jsonl', 'a/train.jsonl', 'a/test.jsonl', 'README.md', '.cogumi/x/train.jsonl', 'results/store.json');
    place('results/artifacts/1/train.jsonl');
    symlinkSync('{"pid":1}', join(folder, 'results/lock'));
    expect(await dataFilesIn(folder)).toEqual(['a/train.jsonl', 'b/train.jsonl'].map((path) => join(folder, path)));
  });

  it('refuses a folder without data', async () => {
    place('README.md', 'sub/model.safetensors');
    await expect(dataFilesIn(folder)).rejects.toMatchObject({ code: 'SOURCE_EMPTY', exitCode: 3 });
  });
});
