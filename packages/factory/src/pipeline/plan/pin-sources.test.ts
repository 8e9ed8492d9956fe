import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHubServer } from '@cogumi/data/hub/testing';
import { ImportOptions } from '@cogumi/data/import';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DomainOptions } from '../../stages/data/examples/options.ts';
import { pinSources } from './pin-sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-pins-'));
  mkdirSync(join(folder, 'store'));
  mkdirSync(join(folder, 'dataset'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
const { signal } = new AbortController();
const publish = (rows: number) =>
  writeFileSync(join(folder, 'dataset/train.jsonl'), '{"question":"Q","answer":"A"}\n'.repeat(rows));

describe('pinSources', () => {
  it('names the commit of a hub set, and stays with it when the hub moves on', async () => {
    const server = await startHubServer();
    vi.stubEnv('HF_ENDPOINT', server.endpoint);
    vi.stubEnv('HF_HOME', join(folder, 'hf'));
    vi.stubEnv('HF_HUB_CACHE', '');
    const sources = [{ hub: 'owner/set' }];
    const domains = { support: DomainOptions.parse({ examples: sources, checker: 'exact' }) };
    const recipe = { import: ImportOptions.parse({ sources }), domains, name: 'mine' };
    publish(10);
    const commit = server.publish('owner/set', join(folder, 'dataset'));
    const first = await pinSources(recipe, join(folder, 'store'), { signal });
    expect(first.recipe.name).toBe('mine');
    expect(first.recipe.import.sources).toMatchObject([{ hub: 'owner/set', revision: commit, files: ['train.jsonl'] }]);
    expect(first.recipe.domains.support?.examples).toEqual(first.recipe.import.sources);
    expect(first.sourceSizes).toEqual({
      import: { 0: { bytes: 10 * 30, downloadBytes: 10 * 30 } },
      'support.examples': { 0: { bytes: 10 * 30, downloadBytes: 10 * 30 } },
    });

    publish(20);
    expect(server.publish('owner/set', join(folder, 'dataset'))).not.toBe(commit);
    const asked = server.seen.length;
    expect(await pinSources(recipe, join(folder, 'store'), { signal })).toEqual(first);
    // Only another store asks again.
    expect(server.seen.slice(asked).filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    mkdirSync(join(folder, 'other'));
    const other = await pinSources(recipe, join(folder, 'other'), { signal });
    expect(other.sourceSizes).toMatchObject({ import: { 0: { bytes: 20 * 30 } } });
    await server.close();
  });

  it('leaves local files as they are, and asks nobody', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    const recipe = { import: ImportOptions.parse({ sources: [{ path: 'rows.jsonl' }] }), domains: {} };
    expect(await pinSources(recipe, join(folder, 'store'), { signal })).toEqual({
      recipe,
      sourceSizes: { import: {} },
      inherited: null,
    });
  });
});
