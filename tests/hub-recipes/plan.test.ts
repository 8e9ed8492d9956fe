import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startHubServer, TOKEN } from '@cogumi/data/hub/testing';
import { loadRecipe, planRecipe } from '@cogumi/factory';
import { serve, slowness } from '@cogumi/pure/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { COGUMI, ROOT } from '../start-cogumi.ts';
import { filesOf, SHAPES } from './shapes.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-hub-recipes-'));
const recipeOf = (name: string) => join(ROOT, `recipes/${name}.yaml`);
let server: Awaited<ReturnType<typeof startHubServer>>;
let stores = 0;
const newStore = () => join(folder, `store-${++stores}`);

beforeAll(async () => {
  server = await startHubServer({ pageSize: 1000, largeBytes: 2 ** 20 });
  for (const [name, shape] of Object.entries(SHAPES)) {
    const { weights, index } = filesOf(shape);
    const model = join(folder, name);
    mkdirSync(model);
    const write = (file: string, value: object) => writeFileSync(join(model, file), JSON.stringify(value));
    write('config.json', shape.config);
    write('tokenizer.json', {});
    write('tokenizer_config.json', { chat_template: '{{ messages }}' });
    if (index) write('model.safetensors.index.json', index);
    const { base } = await loadRecipe(recipeOf(name));
    server.publish(shape.id, model, {
      kind: 'model',
      access: shape.gated ? 'gated' : 'open',
      commit: base?.revision as string,
      beginnings: weights,
    });
  }
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  vi.unstubAllEnvs();
  for (const name of ['HF_HUB_CACHE', 'HF_HUB_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('HF_TOKEN', TOKEN);
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HOME', join(folder, `hf-${stores}`));
});

describe.each(Object.entries(SHAPES))('recipes/%s.yaml', (name, shape) => {
  const sum = Object.values(filesOf(shape).weights).reduce((total, { length }) => total + length, 0);

  it('is planned in under 2 s of processor time from the headers of its weights, which are not downloaded', async () => {
    const recipe = await loadRecipe(recipeOf(name));
    expect(recipe.base).toMatchObject({ hub: shape.id, revision: expect.stringMatching(/^[0-9a-f]{40}$/) });
    server.seen.length = 0;
    const plan = await planRecipe(recipe, newStore());
    // The first plan of a process loads the generators of questions, which has nothing to do with the hub.
    const began = process.cpuUsage();
    expect((await planRecipe(recipe, newStore())).downloadBytes).toBe(plan.downloadBytes);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1000 / slowness()).toBeLessThan(2000);
    // The hub's files: JSON of the real header takes a little more or less space than ours.
    if (shape.fileBytes !== null) expect(Math.abs(sum - shape.fileBytes)).toBeLessThan(20_000);
    expect(plan.downloadBytes).toBeGreaterThan(sum);
    expect(plan.downloadBytes).toBeLessThan(sum * 1.001);
    const ids = plan.stages.map(({ id }) => id);
    for (const id of [
      'base',
      'export.base',
      'quantize',
      'code.train',
      'reasoning.train',
      'route',
      'bundle',
      'validate',
    ])
      expect(ids).toContain(id);
    expect(ids).not.toContain('train');
    // Two plans of list, config and index; and of each weight file one range, with its redirect.
    expect(server.seen.length).toBeLessThanOrEqual(2 * (4 + 2 * shape.shards));
    const ranges = server.seen.filter(({ host, method }) => host === 'store' && method === 'GET');
    expect(ranges.length).toBeGreaterThan(0);
    expect(ranges.every(({ range }) => range?.startsWith('bytes=0-') && range.length < 20)).toBe(true);
  });

  it('says after a second try that it needs the hub, where there is none', async () => {
    const recipe = await loadRecipe(recipeOf(name));
    let tries = 0;
    const broken = await serve((request) => {
      tries++;
      request.socket.destroy();
    });
    vi.stubEnv('HF_ENDPOINT', broken.url);
    await expect(planRecipe(recipe, newStore())).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
    await broken.close();
    expect(tries).toBe(2);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    await expect(planRecipe(recipe, newStore())).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      message: expect.stringContaining(`The plan needs the hub once, to learn what ${shape.id} at`),
    });
  });

  if (shape.gated) {
    it('says where its terms are accepted, without a token', async () => {
      vi.stubEnv('HF_TOKEN', '');
      await expect(planRecipe(await loadRecipe(recipeOf(name)), newStore())).rejects.toMatchObject({
        code: 'HUB_GATED',
        hint: `Accept its terms at ${server.endpoint}/${shape.id}, then set HF_TOKEN to a token of that account.`,
      });
    });
  }
});

describe('cogumi plan of a recipe whose model is on the hub', () => {
  const plan = (...more: string[]) =>
    promisify(execFile)(process.execPath, [COGUMI, 'plan', recipeOf('llama-3.1-8b'), '--store', newStore(), ...more]);

  it('shows the downloads, and refuses with both numbers what the machine cannot hold', async () => {
    await expect(plan('--set', 'budget.bytes=5e9')).rejects.toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/remaining .* 15\.0 GiB of downloads,/),
      stderr: expect.stringMatching(
        /it writes about \d+ bytes \(160\d+ of them downloads\), budget\.bytes is 5000000000/,
      ),
    });
  });

  it('says what to do where there is no hub', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(plan()).rejects.toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('Or give a folder: `--set base.hub=null --set base.path=FOLDER`.'),
    });
  });
});
