import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHub, pinRevision, readHubSettings } from '@cogumi/data/hub';
import { startHubServer } from '@cogumi/data/hub/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeModel } from '../../../testing/model-folder.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { base } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-fetch-model-'));
const { signal } = new AbortController();
const ID = 'owner/small';
const SHARD = 'model-00002-of-00002.safetensors';
let server: Awaited<ReturnType<typeof startHubServer>>;
let model: string;
let commit: string;
let home: string;

beforeAll(async () => {
  server = await startHubServer();
  model = writeModel(join(folder, 'model'));
  commit = server.publish(ID, model, { kind: 'model' });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  home = mkdtempSync(join(folder, 'hf-'));
  vi.unstubAllEnvs();
  for (const name of ['HF_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HOME', home);
  server.seen.length = 0;
});

/** What a plan notes of the model. */
async function noted() {
  const hub = createHub(await readHubSettings({ HF_ENDPOINT: server.endpoint, HF_HOME: home }));
  const repository = { kind: 'model', id: ID } as const;
  const pins = join(home, 'pins.json');
  const { files } = await pinRevision(hub, { repository, revision: 'main' }, pins, { signal });
  return { id: ID, commit, files: Object.fromEntries(files.map(({ path, hash }) => [path, hash as string])) };
}
const run = (hub: object) => runStage(base, { options: { hub, licence: 'MIT' } });
const requested = (file: string) => server.seen.filter(({ path }) => path.endsWith(`/${file}`));

describe('base of the hub', () => {
  it('is what a folder of the same files is, and names its commit', async () => {
    const fetched = await run(await noted());
    const copied = await runStage(base, { sources: { model }, options: { licence: 'MIT' } });
    const contents = ({ artifact }: typeof fetched) =>
      artifact.manifest.files.map(({ path, sha256 }) => [path, sha256]);
    expect(contents(fetched)).toEqual(contents(copied));
    expect(fetched.facts).toEqual({ ...copied.facts, hub: ID, commit });
    expect((await runStage(base, { options: { hub: await noted() } })).facts.licence).toBe('Apache-2.0');
    expect(fetched.progress.at(-1)).toMatchObject({ unit: 'bytes', note: expect.stringContaining(`of ${ID}`) });
    // The card stays in the cache.
    expect(existsSync(join(home, 'hub/models--owner--small/snapshots', commit, 'README.md'))).toBe(true);
  });

  it('resumes a download that was cut, and one that another process left', async () => {
    const hub = await noted();
    await run(hub);
    const blobs = join(home, 'hub/models--owner--small/blobs');
    const hash = hub.files[SHARD] as string;
    const partial = join(blobs, `${hash}.incomplete`);
    writeFileSync(partial, readFileSync(join(blobs, hash)));
    truncateSync(partial, 1000);
    rmSync(join(blobs, hash));
    server.seen.length = 0;
    server.fail({ kind: 'cut', afterBytes: 500 });
    const { artifact } = await run(hub);
    expect(readFileSync(join(artifact.folder, SHARD))).toEqual(readFileSync(join(model, SHARD)));
    const ranges = server.seen.filter(({ host }) => host === 'store').map(({ range }) => range);
    expect(ranges).toEqual(['bytes=1000-', 'bytes=1500-']);
    expect(readdirSync(blobs).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
  });

  it('takes everything from the cache when there is no network', async () => {
    const hub = await noted();
    await run(hub);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await run(hub)).facts).toMatchObject({ parameters: 3088, commit });
    rmSync(join(home, 'hub/models--owner--small/snapshots', commit, SHARD));
    await expect(run(hub)).rejects.toMatchObject({
      code: 'HUB_OFFLINE',
      message: expect.stringContaining(`the cache does not have ${SHARD} of ${ID}`),
    });
  });

  it('refuses a file that is not the one that was pinned', async () => {
    const hub = await noted();
    const files = { ...hub.files, [SHARD]: 'f'.repeat(64) };
    await expect(run({ ...hub, files })).rejects.toMatchObject({
      code: 'HUB_CHANGED',
      message: expect.stringContaining(`it was ${'f'.repeat(64)} when the commit was pinned`),
    });
    expect(requested(SHARD).filter(({ method }) => method === 'GET')).toEqual([]);
  });

  it('refuses bytes that are not those of the hash', async () => {
    const hub = await noted();
    const other = { kind: 'other-bytes' } as const;
    server.fail(...Array.from({ length: 12 }, () => other));
    await expect(run(hub)).rejects.toMatchObject({ code: 'HUB_CORRUPT' });
  });
});
