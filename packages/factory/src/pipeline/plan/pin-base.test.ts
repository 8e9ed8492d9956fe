import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHub, downloadFile, type Hub, readHubSettings, shortPatience } from '@cogumi/data/hub';
import { startHubServer, TOKEN } from '@cogumi/data/hub/testing';
import { serve } from '@cogumi/pure/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BaseOptions } from '../../stages/start/base/options.ts';
import { writeModel, zeros } from '../../testing/model-folder.ts';
import { pinBase } from './pin-base.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-pin-base-'));
const { signal } = new AbortController();
const ID = 'owner/small';
let server: Awaited<ReturnType<typeof startHubServer>>;
let storeRoot: string;
let home: string;
let made = 0;

beforeAll(async () => {
  server = await startHubServer();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  storeRoot = join(folder, `store-${++made}`);
  home = join(folder, `hf-${made}`);
  mkdirSync(storeRoot);
  server.seen.length = 0;
});

const hubWith =
  (environment: NodeJS.ProcessEnv = {}) =>
  async (): Promise<Hub> =>
    createHub(await readHubSettings({ HF_ENDPOINT: server.endpoint, HF_HOME: home, ...environment }), shortPatience);
const publish = (more: Parameters<typeof writeModel>[1] = {}, options: object = {}, id = ID) =>
  server.publish(id, writeModel(mkdtempSync(join(folder, 'model-')), more), { kind: 'model', ...options });
const pin = (options: object = {}, environment: NodeJS.ProcessEnv = {}) => {
  const base = BaseOptions.parse({ hub: ID, ...options });
  return pinBase(base, base.hub as string, { hub: hubWith(environment), storeRoot, signal });
};

describe('pinBase', () => {
  it('reads the size of a model from ranges of its weights, and names what a download will take', async () => {
    const commit = publish({ 'pytorch_model.bin': 'a pickle', 'model.gguf': 'GGUF', 'notes.md': 'x' });
    const { base, size } = await pin();
    expect(base).toMatchObject({ hub: ID, revision: commit });
    expect(Object.keys(base.files ?? {})).toEqual([
      'chat_template.jinja',
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
      'tokenizer.json',
      'README.md',
    ]);
    // By hand: 64·16 + 16 + 8·16 + 120·16 weights of 16 bits; spans 8 + 16 and 120 + 16.
    expect(size.model).toEqual({
      ...{ parameters: 3088, layers: 1, hiddenSize: 16, vocabularySize: 64, linearSpan: 160, keyWidth: 8, bits: 16 },
    });
    expect(size.downloadBytes).toBeGreaterThan(2 * 3088);
    expect(size.downloadBytes).toBeLessThan(size.bytes as number);
    const weights = server.seen.filter(
      ({ path, method, host }) => host === 'store' && method === 'GET' && path !== '/',
    );
    expect(weights.length).toBeGreaterThan(0);
    expect(weights.every(({ range }) => range !== null)).toBe(true);
  });

  it('asks the hub once a store, and stays with the commit when the branch moves', async () => {
    const first = publish();
    const pinned = await pin();
    const second = publish({ 'README.md': '# newer' });
    expect(second).not.toBe(first);
    const asked = server.seen.length;
    expect(await pin({}, { HF_ENDPOINT: 'http://127.0.0.1:9' })).toEqual(pinned);
    expect(server.seen).toHaveLength(asked);
    expect((await pin({ revision: second })).base.revision).toBe(second);
  });

  it.each([
    [
      'a shard that its index names and the hub lacks',
      { 'model-00002-of-00002.safetensors': null },
      'MODEL_NOT_FOUND',
      'lacks 1 of 2 weight files: model-00002-of-00002.safetensors',
    ],
    [
      'swapped shards',
      { 'model-00002-of-00002.safetensors': zeros({ 'model.embed_tokens.weight': [64, 16] }) },
      'MODEL_CORRUPT',
      'puts model.layers.0.self_attn.k_proj.weight into model-00002-of-00002.safetensors; it is in no file',
    ],
    [
      'weights cut short',
      { 'model-00001-of-00002.safetensors': zeros({ w: [64, 16] }).subarray(0, 900) },
      'MODEL_CORRUPT',
      'has 900 bytes; its header promises',
    ],
    ['no tokenizer', { 'tokenizer.json': null }, 'MODEL_NOT_FOUND', 'holds no tokenizer'],
    ['a config that is not JSON', { 'config.json': '{"architectures"' }, 'MODEL_CORRUPT', 'config.json is not JSON'],
    ['quantized weights', { 'config.json': '{"quantization_config":{}}' }, 'QUANTIZED_BASE', 'is quantized'],
  ])('refuses %s before any weights are downloaded', async (_, more, code, message) => {
    publish(more);
    await expect(pin()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('never takes a pickle, and says where safetensors may be; sends a GGUF file to `base.path`', async () => {
    const without = {
      'model.safetensors.index.json': null,
      'model-00001-of-00002.safetensors': null,
      'model-00002-of-00002.safetensors': null,
    };
    publish({ ...without, 'pytorch_model.bin': 'a pickle' });
    await expect(pin()).rejects.toMatchObject({
      code: 'MODEL_PICKLE',
      message: expect.stringContaining('(pytorch_model.bin)'),
      hint: expect.stringContaining('refs/pr/1'),
    });
    expect(server.seen.filter(({ path }) => path.includes('pytorch_model.bin'))).toEqual([]);
    publish({ ...without, 'model-q8_0.gguf': 'GGUF' }, {}, 'owner/gguf');
    await expect(pin({ hub: 'owner/gguf' })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('only model-q8_0.gguf'),
      hint: expect.stringContaining('base.from: dequantized'),
    });
  });

  it('says what to do for a gated model, a private one, and a revision that does not exist', async () => {
    publish({}, { access: 'gated' }, 'owner/gated');
    const gated = { hub: 'owner/gated' };
    await expect(pin(gated)).rejects.toMatchObject({
      code: 'HUB_GATED',
      hint: `Accept its terms at ${server.endpoint}/owner/gated, then set HF_TOKEN to a token of that account.`,
    });
    expect((await pin(gated, { HF_TOKEN: TOKEN })).size.model?.parameters).toBe(3088);
    publish({}, { access: 'private' }, 'owner/private');
    await expect(pin({ hub: 'owner/private' })).rejects.toMatchObject({
      code: 'HUB_NOT_FOUND',
      message: expect.stringContaining('The Hub has no model owner/private'),
      hint: expect.stringContaining('set HF_TOKEN'),
    });
    publish();
    await expect(pin({ revision: 'v9' })).rejects.toMatchObject({
      code: 'HUB_REVISION_NOT_FOUND',
      hint: `See ${server.endpoint}/${ID}/tree/main.`,
    });
  });

  it('says at once that it needs the hub when that is down or not allowed', async () => {
    let tries = 0;
    const broken = await serve((request) => {
      tries++;
      request.socket.destroy();
    });
    await expect(pin({}, { HF_ENDPOINT: broken.url })).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
    await broken.close();
    // A plan, for which somebody waits, tries once more.
    expect(tries).toBe(2);
    await expect(pin({}, { HF_ENDPOINT: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      message: expect.stringContaining(`The plan needs the hub once, to learn what ${ID} at main is`),
      hint: expect.stringContaining('--set base.path=FOLDER'),
    });
    await expect(pin({}, { HF_HUB_OFFLINE: '1' })).rejects.toMatchObject({ code: 'HUB_OFFLINE' });
  });

  it('takes what the cache has of a model when the hub must not be asked, in a new store too', async () => {
    const commit = publish();
    const { base } = await pin();
    const hub = await hubWith()();
    for (const [path, hash] of Object.entries(base.files ?? {}))
      await downloadFile(hub, { repository: { kind: 'model', id: ID }, commit, path, hash }, { signal });
    storeRoot = join(folder, `store-${++made}`);
    mkdirSync(storeRoot);
    server.seen.length = 0;
    const offline = { HF_HUB_OFFLINE: '1' };
    const found = await pin({}, offline);
    expect(found.base).toEqual(base);
    expect(found.size).toMatchObject({ downloadBytes: 0, model: { parameters: 3088 } });
    expect((await pin({ revision: commit }, offline)).base).toEqual(base);
    expect(server.seen).toEqual([]);
    await expect(pin({ revision: 'v9' }, offline)).rejects.toMatchObject({ code: 'HUB_OFFLINE' });
  });

  it('makes its notes again when they are damaged', async () => {
    const commit = publish();
    const pinned = await pin();
    const notes = join(storeRoot, 'hub-models', `owner--small@${commit}.json`);
    expect(JSON.parse(readFileSync(notes, 'utf8')).size.parameters).toBe(3088);
    writeFileSync(notes, '{"schema":1,"files":[');
    expect(await pin()).toMatchObject({ base: pinned.base });
    expect(JSON.parse(readFileSync(notes, 'utf8')).size.parameters).toBe(3088);
  });
});
