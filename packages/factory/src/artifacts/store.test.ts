import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextRow } from '@cogumi/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { hashPath } from './hash-file.ts';
import { readAllJsonl, writeJsonl } from './jsonl.ts';
import { type ArtifactRecord, openStore } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (key: string): ArtifactRecord => ({
  key,
  kind: 'rows',
  stage: 'merge',
  stageVersion: 1,
  options: {},
  inputs: {},
  engine: null,
  gates: [],
  facts: {},
});
const key = 'a'.repeat(64);

describe('openStore', () => {
  it('knows an artifact only once it is finished', async () => {
    const store = await openStore(folder);
    const partial = await store.begin(key, false);
    await writeFile(join(partial, 'rows.jsonl'), '{}\n');
    expect(await store.find(key)).toBeNull();
    expect(await store.listPartial()).toEqual([{ key, bytes: 3 }]);
    const { manifest } = await store.finish(record(key));
    expect(manifest.files).toEqual([{ path: 'rows.jsonl', bytes: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect((await store.find(key))?.manifest).toEqual(manifest);
    expect(await store.listPartial()).toEqual([]);
  });

  it('keeps a killed predecessor’s work when asked to, and clears it otherwise', async () => {
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

  it('refuses a store of another layout with both numbers', async () => {
    await openStore(folder);
    await writeFile(join(folder, 'store.json'), '{"schema":0}');
    await expect(openStore(folder)).rejects.toThrow('has layout 0; this version reads layout 1');
  });

  it('names a damaged manifest and what removes it', async () => {
    const store = await openStore(folder);
    await store.begin(key, false);
    const { folder: files } = await store.finish(record(key));
    await writeFile(join(files, 'manifest.json'), '{"schema":1');
    await expect(store.find(key)).rejects.toMatchObject({ code: 'ARTIFACT_UNREADABLE' });
    await store.remove(key);
    expect(await store.find(key)).toBeNull();
  });
});

describe('hashPath', () => {
  it('depends on names and bytes, not on the place', async () => {
    for (const place of ['one', 'two']) {
      await mkdir(join(folder, place));
      await writeFile(join(folder, place, 'a.txt'), 'same');
    }
    expect(await hashPath(join(folder, 'one'))).toBe(await hashPath(join(folder, 'two')));
    await writeFile(join(folder, 'two', 'a.txt'), 'other');
    expect(await hashPath(join(folder, 'one'))).not.toBe(await hashPath(join(folder, 'two')));
  });
});

describe('canonicalJson', () => {
  it('gives equal text for equal values, whatever the order they were built in', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });
});

describe('jsonl', () => {
  it('splits at newlines alone: U+2028 and U+0085 stay inside their string', async () => {
    const rows = [{ text: 'one\u2028two\u0085three', source: 's', licence: 'l' }];
    await writeJsonl(join(folder, 'rows.jsonl'), rows);
    expect(await readAllJsonl(join(folder, 'rows.jsonl'), TextRow)).toEqual(rows);
  });

  it('names the line that is not a row', async () => {
    await writeFile(join(folder, 'rows.jsonl'), '{"text":"a","source":"s","licence":"l"}\n{"text":1}\n');
    await expect(readAllJsonl(join(folder, 'rows.jsonl'), TextRow)).rejects.toThrow('line 2');
  });
});
