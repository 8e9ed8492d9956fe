import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHubServer } from '@cogumi/data/hub/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadRecipe } from '../../recipe/load-recipe.ts';
import { writeModel } from '../../testing/model-folder.ts';
import { planRecipe } from './plan-recipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-plan-recipe-'));
const TINY = join(import.meta.dirname, '../../../../../recipes/tiny.yaml');
let server: Awaited<ReturnType<typeof startHubServer>>;

beforeAll(async () => {
  server = await startHubServer();
  for (const name of ['HF_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HOME', join(folder, 'hf'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const publish = (card: string) =>
  server.publish('owner/small', writeModel(mkdtempSync(join(folder, 'model-')), { 'README.md': card }), {
    kind: 'model',
  });
const plan = async (store: string, ...sets: string[]) =>
  planRecipe(await loadRecipe(TINY, ['base={path: null, hub: owner/small}', ...sets]), join(folder, store));
const keyOf = ({ stages }: Awaited<ReturnType<typeof plan>>) => stages.find(({ id }) => id === 'base')?.key;

describe('planRecipe', () => {
  it('reads no settings of the hub where nothing comes from it', async () => {
    vi.stubEnv('HF_ENDPOINT', 'no address');
    const { refusal, downloadBytes } = await planRecipe(await loadRecipe(TINY), join(folder, 'local'));
    expect({ refusal, downloadBytes }).toEqual({ refusal: null, downloadBytes: 0 });
    vi.stubEnv('HF_ENDPOINT', server.endpoint);
  });
});

describe('planRecipe of a base of the hub', () => {
  it('refuses a build whose downloads exceed the budget, before any is begun', async () => {
    publish('# A card');
    const { downloadBytes, refusal } = await plan('store', 'budget.bytes=1000');
    expect(downloadBytes).toBeGreaterThan(2 * 3088);
    expect(refusal).toMatchObject({
      code: 'BUDGET_IMPOSSIBLE',
      message: expect.stringMatching(/it writes about \d+ bytes \(\d+ of them downloads\), budget\.bytes is 1000/),
    });
    const whole = server.seen.filter(
      ({ host, method, range }) => host === 'store' && method === 'GET' && range === null,
    );
    expect(whole).toEqual([]);
  });

  it('has the commit in its keys, and not the name of the branch', async () => {
    const commit = publish('# A card');
    const first = keyOf(await plan('store'));
    expect(keyOf(await plan('other', `base.revision=${commit}`))).toBe(first);
    publish('# Another card');
    expect(keyOf(await plan('store'))).toBe(first);
    expect(keyOf(await plan('new'))).not.toBe(first);
  });
});
