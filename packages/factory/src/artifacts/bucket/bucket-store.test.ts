import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type S3Server, startS3Server } from '../../testing/s3-server.ts';
import { type ArtifactRecord, openStore, type Store } from '../store.ts';
import { openBucket } from './bucket.ts';
import { withBucket } from './bucket-store.ts';

const KEY = 'a'.repeat(64);
const ADDRESS = 's3://bucket/cogumi/team';
let folder: string;
let s3: S3Server;
const open = async (name: string): Promise<Store> =>
  withBucket(await openStore(join(folder, name)), openBucket(ADDRESS, s3.environment, 4));
const record = (key: string): ArtifactRecord => {
  const made = { kind: 'rows' as const, stage: 'mix', stageVersion: 1, engine: null };
  return { key, ...made, options: {}, inputs: {}, gates: [], facts: {} };
};

/** Makes an artifact of these files. */
async function make(store: Store, files: Record<string, string>, key = KEY) {
  const partial = await store.begin(key, false);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(partial, name), text);
  return store.finish(record(key));
}
const inStore = (name: string) => readdirSync(join(folder, name, 'artifacts'));
const nameOf = (text: string) => [...s3.objects].find(([, body]) => body.toString() === text)?.[0] as string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-bucket-'));
  s3 = await startS3Server('bucket');
});
afterEach(() => {
  s3.close();
  rmSync(folder, { recursive: true });
});

describe('withBucket', () => {
  it('puts files under their hash, each once, the manifest last, and gives them to another store', async () => {
    const made = await make(await open('one'), { 'rows.jsonl': 'row\n', 'copy.jsonl': 'row\n', 'empty.txt': '' });
    expect([...s3.objects.keys()].map((name) => name.replace(/[0-9a-f]{64}/, 'HASH'))).toEqual([
      ...['files', 'files'].map((kind) => `bucket/cogumi/team/${kind}/HASH`),
      'bucket/cogumi/team/artifacts/HASH.json',
    ]);
    const other = await open('two');
    const found = await other.find(KEY);
    expect(found?.manifest).toEqual(made.manifest);
    await other.check(found as NonNullable<typeof found>);
    for (const name of ['rows.jsonl', 'copy.jsonl', 'empty.txt', 'manifest.json']) {
      const [one, two] = ['one', 'two'].map((store) => readFileSync(join(folder, store, 'artifacts', KEY, name)));
      expect(two?.equals(one as Buffer), name).toBe(true);
    }
    expect(await other.find('b'.repeat(64))).toBeNull();
  });

  it('puts nothing twice', async () => {
    const files = { 'rows.jsonl': 'row\n' };
    await make(await open('one'), files);
    await make(await open('two'), files);
    const again = await open('one');
    await again.find(KEY);
    expect(s3.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(2);
  });

  it('puts what an earlier build could not put', async () => {
    await make(await openStore(join(folder, 'one')), { 'rows.jsonl': 'row\n' });
    expect(s3.objects.size).toBe(0);
    await (await open('one')).find(KEY);
    expect(s3.objects.size).toBe(2);
  });

  it('tries again when the bucket is busy, and says so when it stays busy', async () => {
    s3.busy = 2;
    const store = await open('one');
    await make(store, { 'rows.jsonl': 'row\n' });
    expect(s3.objects.size).toBe(2);
    s3.busy = 1000;
    await expect(make(store, { 'rows.jsonl': 'other\n' }, 'b'.repeat(64))).rejects.toMatchObject({
      code: 'BUCKET_UNREACHABLE',
      message: expect.stringContaining('HTTP 503'),
      hint: expect.stringContaining('again'),
    });
    // Finished here all the same, and nothing of it half there.
    s3.busy = 0;
    expect(await (await openStore(join(folder, 'one'))).find('b'.repeat(64))).not.toBeNull();
    expect([...s3.objects.keys()].filter((name) => name.includes('b'.repeat(64)))).toEqual([]);
  });

  it('fetches a transfer that broke off again', async () => {
    await make(await open('one'), { 'rows.jsonl': 'row\n' });
    const store = await open('two');
    // Of the manifest, then of the file.
    s3.torn = 2;
    await expect(store.find(KEY)).resolves.not.toBeNull();
  });

  it.each([
    ['cut', 'ro', 'has 2 bytes of 4'],
    ['changed', 'raw\n', 'has SHA-256'],
  ])('refuses an object that is %s, and keeps nothing of it', async (_, text, message) => {
    await make(await open('one'), { 'a.jsonl': 'first\n', 'rows.jsonl': 'row\n' });
    s3.objects.set(nameOf('row\n'), Buffer.from(text));
    const store = await open('two');
    await expect(store.find(KEY)).rejects.toMatchObject({
      code: 'BUCKET_TORN',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('Delete that object'),
    });
    expect(inStore('two')).toEqual([]);
  });

  it('refuses a manifest that is torn, of another artifact, or that names a path outside', async () => {
    await make(await open('one'), { 'rows.jsonl': 'row\n' });
    const [name, manifest] = [...s3.objects].find(([key]) => key.endsWith('.json')) as [string, Buffer];
    const store = await open('two');
    for (const [from, to] of [
      [/.{9}$/s, ''],
      [KEY, 'b'.repeat(64)],
      ['rows.jsonl', '../../rows.jsonl'],
    ] as const) {
      s3.objects.set(name, Buffer.from(manifest.toString().replace(from, to)));
      await expect(store.find(KEY), String(from)).rejects.toMatchObject({ code: 'BUCKET_TORN' });
    }
    expect(inStore('two')).toEqual([]);
  });

  it('removes what it has fetched when the disk refuses a file', async () => {
    await make(await open('one'), { 'a.jsonl': 'first\n', 'rows.jsonl': 'row\n' });
    const [name, manifest] = [...s3.objects].find(([key]) => key.endsWith('.json')) as [string, Buffer];
    s3.objects.set(name, Buffer.from(manifest.toString().replace('rows.jsonl', 'x'.repeat(300))));
    await expect((await open('two')).find(KEY)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    expect(inStore('two')).toEqual([]);
  });
});

describe('openBucket', () => {
  it.each(['s3://', 's3:///x', 's3://UPPER', 'bucket', 's3://bucket/a b'])('refuses the address %s', (address) => {
    expect(() => openBucket(address, s3.environment)).toThrow(expect.objectContaining({ code: 'BUCKET_INVALID' }));
  });

  it('names the variable that is missing, a wrong key, and a bucket that is not there', async () => {
    const { AWS_SECRET_ACCESS_KEY: _, ...environment } = s3.environment;
    expect(() => openBucket(ADDRESS, environment)).toThrow('AWS_SECRET_ACCESS_KEY is not set');
    const other = openBucket(ADDRESS, { ...s3.environment, AWS_ACCESS_KEY_ID: 'wrong' });
    await expect(other.get('x', text)).rejects.toMatchObject({ code: 'BUCKET_REFUSED' });
    const missing = openBucket('s3://elsewhere', s3.environment);
    await expect(missing.get('x', text)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
  });
});
