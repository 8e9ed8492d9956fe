import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DamagedFile } from '../formats/byte-source.ts';
import { readRecords } from '../formats/read-records.ts';
import { downloadFile } from './download-file.ts';
import { openRemote } from './open-remote.ts';
import { pinRevision } from './pins.ts';
import type { Repository } from './repository.ts';
import { findCommit, listFiles } from './repository-files.ts';
import type { HubSettings } from './settings.ts';
import { type HubServer, startHubServer, TOKEN } from './testing/hub-server.ts';
import { testHub } from './testing/test-hub.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-hub-'));
const { signal } = new AbortController();
const ROWS: Repository = { kind: 'dataset', id: 'owner/rows' };
const MOVING: Repository = { kind: 'dataset', id: 'owner/moving' };
let server: HubServer;
let cacheFolder: string;
let waits: number[];

/** Writes files into a folder of its own. */
function files(name: string, contents: Record<string, string | Uint8Array>): string {
  for (const [path, bytes] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), bytes);
  }
  return join(folder, name);
}

const big = Array.from({ length: 20_000 }, (_, row) => JSON.stringify({ row })).join('\n');

beforeAll(async () => {
  server = await startHubServer();
  const open = { 'README.md': '# Rows', 'data/train.jsonl': big, 'data/test.jsonl': '{"row":0}', 'a b.csv': 'x\n1' };
  server.publish('owner/rows', files('open', open));
  server.publish('owner/gated', files('gated', { 'train.jsonl': '{}' }), { access: 'gated' });
  server.publish('owner/private', files('private', { 'train.jsonl': '{}' }), { access: 'private' });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  cacheFolder = mkdtempSync(join(folder, 'cache-'));
  server.seen.length = 0;
  waits = [];
});

const hubWith = (settings: Partial<HubSettings> = {}) =>
  testHub({ endpoint: server.endpoint, cacheFolder, ...settings }, waits);

const commitOf = (id: string, token: string | null = null) =>
  findCommit(hubWith({ token }), { kind: 'dataset', id }, 'main', signal);

async function download(path: string, settings: Partial<HubSettings> = {}, dataset = 'owner/rows') {
  const commit = await commitOf(dataset, settings.token);
  const repository: Repository = { kind: 'dataset', id: dataset };
  return downloadFile(hubWith(settings), { repository, commit, path }, { signal });
}

describe('listing', () => {
  it('follows all pages and returns sizes', async () => {
    const listed = await listFiles(hubWith(), ROWS, await commitOf('owner/rows'), signal);
    expect(listed).toMatchObject([
      { path: 'README.md', bytes: 6 },
      { path: 'a b.csv', bytes: 3 },
      { path: 'data/test.jsonl', bytes: 9 },
      { path: 'data/train.jsonl', bytes: big.length },
    ]);
    expect(server.seen.filter(({ path }) => path.includes('/tree/'))).toHaveLength(2);
  });

  it.each([
    ['owner/missing', 'main', null, 'HUB_NOT_FOUND', 'it is private and no token was sent'],
    ['owner/private', 'main', null, 'HUB_NOT_FOUND', 'HTTP 401'],
    ['owner/rows', 'v9', null, 'HUB_REVISION_NOT_FOUND', 'owner/rows has no revision "v9"'],
    ['owner/rows', 'main', 'hf_wrong', 'HUB_TOKEN_REFUSED', 'HTTP 401'],
  ])('of %s at %s (token %s) is %s', async (id, revision, token, code, message) => {
    await expect(findCommit(hubWith({ token }), { kind: 'dataset', id }, revision, signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('of a private dataset needs a token with access', async () => {
    expect(await commitOf('owner/private', TOKEN)).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('downloading', () => {
  it('stores bytes under their hash and links them in the layout of the Hugging Face tools', async () => {
    const path = await download('data/train.jsonl');
    const commit = await commitOf('owner/rows');
    expect(path).toBe(join(cacheFolder, 'datasets--owner--rows/snapshots', commit, 'data/train.jsonl'));
    expect(readlinkSync(path)).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readFileSync(path, 'utf8')).toBe(big);
    expect(readlinkSync(await download('a b.csv'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
  });

  it('sends no request for a file in the cache', async () => {
    await download('data/train.jsonl');
    server.seen.length = 0;
    await download('data/train.jsonl');
    expect(server.seen.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });

  it('never sends the token to another host', async () => {
    await download('data/train.jsonl', { token: TOKEN });
    const store = server.seen.filter(({ host }) => host === 'store');
    expect(store.map(({ authorized }) => authorized)).toEqual([false]);
    expect(server.seen.filter(({ host, authorized }) => host === 'hub' && !authorized)).toEqual([]);
  });

  it('resumes after an interrupted connection, without growing waits', async () => {
    server.fail({ kind: 'cut', afterBytes: 100_000 }, { kind: 'cut', afterBytes: 50_000 });
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
    const ranges = server.seen.filter(({ host }) => host === 'store').map(({ range }) => range);
    expect(ranges).toEqual([null, 'bytes=100000-', 'bytes=150000-']);
    expect(waits).toEqual([250, 250]);
  });

  it('resumes where another process stopped, and starts over if that one left wrong bytes', async () => {
    const path = await download('data/train.jsonl');
    const blob = join(dirname(path), readlinkSync(path));
    const leave = async (bytes: string) => {
      await rename(blob, `${blob}.incomplete`).catch(() => {});
      writeFileSync(`${blob}.incomplete`, bytes);
      rmSync(path);
      rmSync(blob, { force: true });
      server.seen.length = 0;
    };
    const ranges = () => server.seen.filter(({ host }) => host === 'store').map(({ range }) => range);

    await leave(big.slice(0, 1234));
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
    expect(ranges()).toEqual(['bytes=1234-']);
    await leave('y'.repeat(1234));
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
    expect(ranges()).toEqual(['bytes=1234-', null]);
    await leave('y'.repeat(big.length + 1));
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
    expect(ranges()).toEqual([null]);
  });

  it('starts over at a server without range support', async () => {
    server.fail({ kind: 'cut', afterBytes: 1000 }, { kind: 'no-ranges' });
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
  });

  it('refuses bytes that do not match the hash, after a second try', async () => {
    server.fail({ kind: 'other-bytes' });
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
    cacheFolder = mkdtempSync(join(folder, 'cache-'));
    server.fail({ kind: 'other-bytes' }, { kind: 'other-bytes' });
    await expect(download('data/train.jsonl')).rejects.toMatchObject({ code: 'HUB_CORRUPT' });
  });

  it('waits as long as the server asks, or twice as long each time', async () => {
    const busy = { kind: 'status', status: 429, headers: { 'retry-after': '7' } } as const;
    const broken = { kind: 'status', status: 500 } as const;
    server.fail(busy, broken, broken);
    expect(readFileSync(await download('data/train.jsonl'), 'utf8')).toBe(big);
    expect(waits).toEqual([7000, 500, 1000]);
  });

  it('gives up after the last try, and says what to do', async () => {
    server.fail(...Array.from({ length: 8 }, () => ({ kind: 'status', status: 503 }) as const));
    await expect(download('data/train.jsonl')).rejects.toMatchObject({
      code: 'HUB_REFUSED',
      status: 503,
      hint: expect.stringContaining('later'),
    });
    expect(waits).toHaveLength(7);
  });

  it('of a gated dataset needs a token, and links to its terms', async () => {
    await expect(download('train.jsonl', {}, 'owner/gated')).rejects.toMatchObject({
      code: 'HUB_GATED',
      hint: expect.stringContaining(`${server.endpoint}/datasets/owner/gated`),
    });
    expect(readFileSync(await download('train.jsonl', { token: TOKEN }, 'owner/gated'), 'utf8')).toBe('{}');
  });

  it('of a missing file names it', async () => {
    await expect(download('nothing.jsonl')).rejects.toMatchObject({ code: 'HUB_FILE_NOT_FOUND' });
  });

  it('stops when aborted', async () => {
    const stop = new AbortController();
    const commit = await commitOf('owner/rows');
    server.fail({ kind: 'slow', ms: 5000 });
    const file = { repository: ROWS, commit, path: 'data/train.jsonl' };
    const downloading = downloadFile(hubWith(), file, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(downloading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('without a network', () => {
  it('says that the Hub cannot be reached', async () => {
    await expect(findCommit(hubWith({ endpoint: 'http://127.0.0.1:9' }), ROWS, 'main', signal)).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
      hint: expect.stringContaining('HF_HUB_OFFLINE'),
    });
  });

  it('uses only the cache when offline', async () => {
    const path = await download('data/train.jsonl');
    const commit = await commitOf('owner/rows');
    const offline = hubWith({ offline: true });
    const file = { repository: ROWS, commit, path: 'data/train.jsonl' };
    expect(await downloadFile(offline, file, { signal })).toBe(path);
    server.seen.length = 0;
    await expect(downloadFile(offline, { ...file, path: 'a b.csv' }, { signal })).rejects.toMatchObject({
      code: 'HUB_OFFLINE',
    });
    expect(server.seen).toEqual([]);
  });
});

describe('reading by ranges', () => {
  it('downloads footer and row groups of a Parquet file when they are read, not the whole file', async () => {
    const text = Array.from({ length: 4000 }, (_, row) => `${row} ${Math.sin(row)} `.repeat(40));
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: 'text', data: text, type: 'STRING' }],
        rowGroupSize: 500,
        codec: 'UNCOMPRESSED',
      }),
    );
    expect(bytes.length).toBeGreaterThan(3e6);
    server.publish('owner/table', files('table', { 'train.parquet': bytes }));
    const commit = await commitOf('owner/table');
    const file = { repository: { kind: 'dataset', id: 'owner/table' } as const, commit, path: 'train.parquet' };
    const source = await openRemote(hubWith({ token: TOKEN }), file, signal);
    const records = readRecords(source);
    for (let row = 0; row < 500; row++) {
      expect((await records.next()).value).toEqual({ number: row + 1, value: { text: text[row] } });
    }
    const fetched = server.seen
      .flatMap(({ host, range }) => (host === 'store' && range ? [range] : []))
      .map((range) => range.slice(6).split('-').map(Number) as [number, number])
      .reduce((sum, [from, to]) => sum + to - from + 1, 0);
    expect(fetched).toBeLessThan(bytes.length / 2);
    await records.return(undefined);
  });

  it('refuses reads beyond the end at once, like a local file', async () => {
    const commit = await commitOf('owner/rows');
    const source = await openRemote(hubWith(), { repository: ROWS, commit, path: 'data/test.jsonl' }, signal);
    expect(source.byteLength).toBe(9);
    server.seen.length = 0;
    const behind = { constructor: DamagedFile, message: 'it points at byte 10 and has 9' };
    await expect(source.slice(4, 10)).rejects.toMatchObject(behind);
    expect((await source.slice(0, 4)).toString()).toBe('{"ro');
    // Reading on where the last read has ended.
    await expect(source.slice(4, 10)).rejects.toMatchObject(behind);
    expect((await source.slice(4, 9)).toString()).toBe('w":0}');
    expect(server.seen).toHaveLength(2);
    expect(waits).toEqual([]);
  });

  it('reads all lines over interrupted connections', async () => {
    const commit = await commitOf('owner/rows');
    server.fail({ kind: 'none' }, { kind: 'cut', afterBytes: 10_000 }, { kind: 'status', status: 502 });
    const source = await openRemote(hubWith(), { repository: ROWS, commit, path: 'data/train.jsonl' }, signal);
    expect(await Array.fromAsync(readRecords(source))).toHaveLength(20_000);
  });
});

describe('names of files', () => {
  it.each([
    ['nul\0.jsonl', 'control character'],
    ['line\nend/train.jsonl', 'control character'],
    ['half\ud800.jsonl', 'half a character'],
    [`data/${'\u00e9'.repeat(128)}`, '256 bytes'],
  ])('%j is refused before anything is asked', async (path, why) => {
    const file = { repository: ROWS, commit: 'c'.repeat(40), path };
    for (const reading of [downloadFile(hubWith(), file, { signal }), openRemote(hubWith(), file, signal)]) {
      const cause = await reading.catch((thrown: Error) => thrown);
      expect(cause).toMatchObject({ code: 'HUB_FILE_NAME', message: expect.stringContaining(why) });
      expect((cause as Error).message).toMatch(/^[\x20-\x7e…]+$/);
    }
    expect(server.seen).toEqual([]);
  });

  it('may have the maximum length of the file system', async () => {
    const path = `${'x'.repeat(249)}.jsonl`;
    server.publish('owner/long', files('long', { [path]: '{}' }));
    expect(readFileSync(await download(path, {}, 'owner/long'), 'utf8')).toBe('{}');
  });
});

describe('a cache that cannot be written', () => {
  it.each([
    ['is a file', () => join(files('cache-file', { file: 'x' }), 'file', 'hub')],
    ...(process.platform === 'linux' ? [['lies in /proc', () => '/proc/nope/hub'] as [string, () => string]] : []),
  ])('is named where it %s', async (_what, place) => {
    const settings = { cacheFolder: place() };
    const refused = { code: 'HUB_SETTINGS_INVALID', message: expect.stringContaining('HF_HOME') };
    await expect(download('a b.csv', settings)).rejects.toMatchObject(refused);
    const pins = join(folder, 'pins-without-cache.json');
    const pinned = pinRevision(hubWith(settings), { repository: ROWS, revision: 'main' }, pins, { signal });
    await expect(pinned).rejects.toMatchObject(refused);
  });
});

describe('pins', () => {
  it('keep a revision unchanged while it moves upstream', async () => {
    const pins = join(folder, 'store/hub-pins.json');
    const pin = () => pinRevision(hubWith(), { repository: MOVING, revision: 'main' }, pins, { signal });
    const first = server.publish('owner/moving', files('moving-1', { 'train.jsonl': '{"v":1}' }));
    expect(await pin()).toMatchObject({ commit: first, files: [{ path: 'train.jsonl', bytes: 7 }] });
    server.publish('owner/moving', files('moving-2', { 'train.jsonl': '{"v":2}' }));
    server.seen.length = 0;
    expect((await pin()).commit).toBe(first);
    expect(server.seen).toEqual([]);
    const file = { repository: MOVING, commit: first, path: 'train.jsonl' };
    expect(readFileSync(await downloadFile(hubWith(), file, { signal }), 'utf8')).toBe('{"v":1}');
  });

  it('that are damaged are an error', async () => {
    const pins = join(folder, 'damaged-pins.json');
    await pinRevision(hubWith(), { repository: ROWS, revision: 'main' }, pins, { signal });
    truncateSync(pins, statSync(pins).size - 10);
    await expect(
      pinRevision(hubWith(), { repository: ROWS, revision: 'main' }, pins, { signal }),
    ).rejects.toMatchObject({ code: 'PINS_UNREADABLE' });
  });
});
