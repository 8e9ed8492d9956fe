import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verb } from './clean.ts';

let store: string;
let output: string[];
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'cogumi-clean-'));
  output = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void output.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(store, { recursive: true, force: true });
});

const clean = (options: { key?: string; yes?: boolean }, json = false) =>
  verb.run({ positionals: [], options: { store, ...options } as never, json, signal: new AbortController().signal });

const key = '1'.repeat(64);
const other = '2'.repeat(64);

describe('cogumi clean', () => {
  beforeEach(async () => {
    for (const name of [key, `${other}.partial`]) await mkdir(join(store, 'artifacts', name), { recursive: true });
    await writeFile(join(store, 'artifacts', key, 'manifest.json'), '{"schema":1');
    await writeFile(join(store, 'store.json'), '{"schema":1}');
  });

  it('lists an artifact with a damaged manifest, and removes it by its key', async () => {
    expect(await clean({})).toBe(0);
    expect(output.join('\n')).toMatch(/unreadable +11 B +1{12}\n {2}unfinished/);
    expect(await clean({ key: key.slice(0, 12), yes: true })).toBe(0);
    expect(output.at(-1)).toBe('Removed 1 artifacts, 11 B.');
    expect(await readdir(join(store, 'artifacts'))).toEqual([`${other}.partial`]);
  });

  it('removes nothing for an empty key', async () => {
    await expect(clean({ key: '', yes: true })).rejects.toMatchObject({ exitCode: 3 });
    expect(await readdir(join(store, 'artifacts'))).toHaveLength(2);
  });

  it('prints what it removed as JSON', async () => {
    await clean({ yes: true }, true);
    const answer = JSON.parse(output[0] as string);
    expect(answer).toMatchObject({ removed: true, bytes: 11, artifacts: [{ key }, { key: other }] });
    expect(await readdir(join(store, 'artifacts'))).toEqual([]);
  });
});
