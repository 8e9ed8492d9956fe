import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { TextRow } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { canonicalJson } from '@cogumi/pure';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactRecord, openStore } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** null: it is not there. In one step: between a look whether it is there and another into it, it may go. */
function entriesOf(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch (cause) {
    expect(cause).toMatchObject({ code: 'ENOENT' });
    return null;
  }
}

const record = (key: string): ArtifactRecord => ({
  key,
  kind: 'rows',
  stage: 'mix',
  stageVersion: 1,
  options: {},
  inputs: {},
  engine: null,
  gates: [],
  facts: {},
});
const key = 'a'.repeat(64);

describe('openStore', () => {
  it('finds an artifact only after it is finished', async () => {
    const store = await openStore(folder);
    const partial = await store.begin(key, false);
    await writeFile(join(partial, 'rows.jsonl'), '{}\n');
    expect(await store.find(key)).toBeNull();
    expect(await store.list()).toEqual([{ name: `${key}.partial`, key, bytes: 3, state: 'unfinished' }]);
    const { manifest } = await store.finish(record(key));
    expect(manifest.files).toEqual([{ path: 'rows.jsonl', bytes: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect((await store.find(key))?.manifest).toEqual(manifest);
    expect(await store.list()).toEqual([{ name: key, key, bytes: 3, state: 'finished', manifest }]);
  });

  it('keeps the files of a killed run when asked to, and starts with an empty folder otherwise', async () => {
    const store = await openStore(folder);
    await mkdir(join(await store.begin(key, true), 'checkpoint'));
    expect(await readdir(await store.begin(key, true))).toEqual(['checkpoint']);
    expect(await readdir(await store.begin(key, false))).toEqual([]);
  });

  it('leaves checkpoints and working files out of the result', async () => {
    const store = await openStore(folder);
    const partial = await store.begin(key, false);
    for (const name of ['checkpoint', 'work']) await mkdir(join(partial, name));
    await writeFile(join(partial, 'work', 'scratch'), 'x');
    await writeFile(join(partial, 'rows.jsonl'), '');
    expect((await store.finish(record(key))).manifest.files.map(({ path }) => path)).toEqual(['rows.jsonl']);
  });

  it('refuses a store of another layout and names both versions', async () => {
    await openStore(folder);
    await writeFile(join(folder, 'store.json'), '{"schema":0}');
    await expect(openStore(folder)).rejects.toThrow('has layout 0; this version reads layout 1');
  });

  it('names a damaged manifest and the command that removes it', async () => {
    const store = await openStore(folder);
    await store.begin(key, false);
    const { folder: files } = await store.finish(record(key));
    await writeFile(join(files, 'manifest.json'), '{"schema":1');
    await expect(store.find(key)).rejects.toMatchObject({ code: 'ARTIFACT_UNREADABLE' });
    expect(await store.list()).toMatchObject([{ name: key, state: 'unreadable' }]);
    await store.remove(key);
    expect(await store.find(key)).toBeNull();
    expect(await readdir(join(folder, 'artifacts'))).toEqual([]);
  });

  it('reports a changed byte, a changed length and a missing file with the expected and the actual value', async () => {
    const store = await openStore(folder);
    await writeFile(join(await store.begin(key, false), 'rows.jsonl'), '{}\n');
    const artifact = await store.finish(record(key));
    await store.check(artifact);
    const path = join(artifact.folder, 'rows.jsonl');
    await writeFile(path, '{]\n');
    await expect(store.check(artifact)).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      message: expect.stringMatching(/rows.jsonl .* has SHA-256 [0-9a-f]{64}; its manifest says [0-9a-f]{64}/),
      hint: expect.stringContaining(`--store ${folder} --key`),
    });
    await writeFile(path, '{}');
    await expect(store.check(artifact)).rejects.toThrow('has 2 bytes; its manifest says 3 bytes');
    await rm(path);
    await expect(store.check(artifact)).rejects.toThrow('is missing; its manifest says 3 bytes');
  });

  it('refuses the manifest of another artifact', async () => {
    const store = await openStore(folder);
    const other = 'e'.repeat(64);
    for (const one of [key, other]) {
      await store.begin(one, false);
      await store.finish(record(one));
    }
    await cp(join(folder, 'artifacts', other, 'manifest.json'), join(folder, 'artifacts', key, 'manifest.json'));
    await expect(store.find(key)).rejects.toThrow(`belongs to artifact ${other.slice(0, 12)}`);
  });

  it('says why a path cannot be a store', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openStore(join(folder, 'file'))).rejects.toMatchObject({ code: 'STORE_UNUSABLE', exitCode: 3 });
    await mkdir(join(folder, 'odd/store.json'), { recursive: true });
    await expect(openStore(join(folder, 'odd'))).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });

  it('reports a manifest that cannot be read instead of treating it as absent', async () => {
    const store = await openStore(folder);
    await mkdir(join(folder, 'artifacts', key, 'manifest.json'), { recursive: true });
    await expect(store.find(key)).rejects.toThrow('cannot be read (EISDIR)');
    expect(await store.list()).toMatchObject([{ name: key, state: 'unreadable' }]);
  });

  it('removes an artifact by one rename: a kill at any moment leaves no folder without its manifest', async () => {
    const store = await openStore(folder);
    const partial = await store.begin(key, false);
    for (let at = 0; at < 300; at++) await writeFile(join(partial, `${at}`), '');
    const { folder: files } = await store.finish(record(key));
    const removal = { ended: false };
    const removing = store.remove(key).finally(() => {
      removal.ended = true;
    });
    while (!removal.ended) {
      const seen = entriesOf(files);
      if (seen !== null) expect(seen).toContain('manifest.json');
      await setImmediate();
    }
    await removing;
  });

  it('lists the leftovers of interrupted removals, and still finishes the same artifact', async () => {
    const store = await openStore(folder);
    // As this version leaves it: out of the way. As older ones did: in the way, without a manifest.
    for (const name of [`${key}.removed`, `${key}.partial.removed`, key]) {
      await mkdir(join(folder, 'artifacts', name));
      await writeFile(join(folder, 'artifacts', name, 'rows.jsonl'), 'left');
    }
    expect((await store.list()).map(({ name, state, bytes }) => [name, state, bytes])).toEqual([
      [key, 'leftover', 4],
      [`${key}.partial.removed`, 'leftover', 4],
      [`${key}.removed`, 'leftover', 4],
    ]);
    await writeFile(join(await store.begin(key, false), 'rows.jsonl'), '{}\n');
    await store.finish(record(key));
    expect((await store.find(key))?.manifest.files).toMatchObject([{ bytes: 3 }]);
    for (const { name } of await store.list()) await store.remove(name);
    expect(await readdir(join(folder, 'artifacts'))).toEqual([]);
  });

  it('never lists or removes files that it did not make', async () => {
    const store = await openStore(folder);
    await mkdir(join(folder, 'artifacts', 'lost+found'));
    expect(await store.list()).toEqual([]);
  });
});

describe('canonicalJson', () => {
  it('gives equal text for equal values, in whatever order their keys were added', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });
});

describe('jsonl', () => {
  it('splits at newlines only: U+2028 and U+0085 stay inside their string', async () => {
    const rows = [{ text: 'one\u2028two\u0085three', source: 's', licence: 'l' }];
    await writeJsonl(join(folder, 'rows.jsonl'), rows);
    expect(await readAllJsonl(join(folder, 'rows.jsonl'), TextRow)).toEqual(rows);
  });

  it('names the line that is not a row', async () => {
    await writeFile(join(folder, 'rows.jsonl'), '{"text":"a","source":"s","licence":"l"}\n{"text":1}\n');
    await expect(readAllJsonl(join(folder, 'rows.jsonl'), TextRow)).rejects.toThrow('line 2');
  });
});
