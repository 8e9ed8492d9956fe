import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashPath, listFiles } from './hash-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-hash-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the Hugging Face cache lays a model down: a snapshot of links into a folder of blobs. */
async function snapshot(name: string, weights: string): Promise<string> {
  const [model, blobs] = [join(folder, name, 'snapshots/main'), join(folder, name, 'blobs')];
  await mkdir(model, { recursive: true });
  await mkdir(blobs);
  await writeFile(join(blobs, 'b10b'), weights);
  await symlink('../../blobs/b10b', join(model, 'model.safetensors'));
  return model;
}

describe('hashPath', () => {
  it('depends on names and bytes, not on the location', async () => {
    for (const place of ['one', 'two']) {
      await mkdir(join(folder, place));
      await writeFile(join(folder, place, 'a.txt'), 'same');
    }
    expect(await hashPath(join(folder, 'one'))).toBe(await hashPath(join(folder, 'two')));
    await writeFile(join(folder, 'two', 'a.txt'), 'other');
    expect(await hashPath(join(folder, 'one'))).not.toBe(await hashPath(join(folder, 'two')));
  });

  it('gives two snapshots of links different hashes, and a snapshot the hash of a copy of its targets', async () => {
    const one = await snapshot('one', 'weights');
    expect(await hashPath(one)).not.toBe(await hashPath(await snapshot('two', 'other weights')));
    await mkdir(join(folder, 'copy'));
    await writeFile(join(folder, 'copy/model.safetensors'), 'weights');
    expect(await hashPath(one)).toBe(await hashPath(join(folder, 'copy')));
  });

  it('refuses a folder without files: all empty folders would have one key', async () => {
    await mkdir(join(folder, 'empty/.cache'), { recursive: true });
    await writeFile(join(folder, 'empty/.cache/x'), 'x');
    await expect(hashPath(join(folder, 'empty'))).rejects.toMatchObject({ code: 'SOURCE_EMPTY', exitCode: 3 });
  });

  it('refuses broken links', async () => {
    await symlink('gone', join(folder, 'model.safetensors'));
    await expect(hashPath(folder)).rejects.toMatchObject({
      code: 'LINK_BROKEN',
      message: expect.stringContaining('is a link to gone, which cannot be read (ENOENT)'),
    });
  });

  it('refuses links that form a cycle', async () => {
    await mkdir(join(folder, 'a/b'), { recursive: true });
    await symlink('../..', join(folder, 'a/b/back'));
    await expect(hashPath(folder)).rejects.toMatchObject({ code: 'LINK_CYCLE' });
    await rmSync(join(folder, 'a/b/back'));
    await symlink('self', join(folder, 'self'));
    await expect(hashPath(folder)).rejects.toMatchObject({ code: 'LINK_BROKEN' });
  });
});

describe('listFiles', () => {
  it('follows links to folders, sorts by whole path and skips hidden names at the top level only', async () => {
    await mkdir(join(folder, 'model/a'), { recursive: true });
    await mkdir(join(folder, 'elsewhere'));
    for (const path of ['model/a/x', 'model/a/.y', 'model/a.txt', 'model/.hidden', 'elsewhere/z'])
      await writeFile(join(folder, path), path);
    await symlink('../elsewhere', join(folder, 'model/linked'));
    const paths = (await listFiles(join(folder, 'model'))).map(({ path }) => path);
    expect(paths).toEqual(['a.txt', 'a/.y', 'a/x', 'linked/z']);
  });
});
