import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@cogumi/factory';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verb } from './runs.ts';

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'cogumi-runs-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(store, { recursive: true, force: true });
});

describe('cogumi runs', () => {
  it('lists a run that was killed before its first event', async () => {
    await openStore(store);
    await mkdir(join(store, 'runs/killed'), { recursive: true });
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const call = { positionals: [], options: { store }, json: true, signal: new AbortController().signal };
    expect(await verb.run(call)).toBe(0);
    expect(log.mock.calls).toEqual([['{"run":"killed","outcome":"unfinished","elapsedMs":null,"digest":null}']]);
  });
});
