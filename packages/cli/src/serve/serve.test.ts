import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const LAUNCHER = join(import.meta.dirname, '../../bin/cogumi.mjs');

let folder: string;
let bundle: string;
let model: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
  bundle = join(folder, 'sample.cogumi');
  model = await tinyModel();
});
afterAll(() => rm(folder, { recursive: true }));

const writeSample = (adapters: Record<string, Buffer>) =>
  writeFile(bundle, tarOf(sampleBundle({ base: model, adapters })));

const environment: Record<string, string> = {};
function start(...args: string[]): ChildProcess {
  const env = {
    ...process.env,
    COGUMI_CACHE: join(folder, 'cache'),
    COGUMI_COMMAND: 'cogumi',
    NO_COLOR: '1',
    ...environment,
  };
  return spawn(process.execPath, [LAUNCHER, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function cogumi(...args: string[]) {
  const child = start(...args);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}

let running: ChildProcess | null = null;
afterEach(() => running?.kill('SIGKILL'));

/** A server, and the lines of its log. */
async function serve(...args: string[]) {
  const child = start('serve', bundle, '--port', '0', '--json', '--threads', '1', '--sequences', '2', ...args);
  running = child;
  const log: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  const { url } = JSON.parse(line) as { url: string };
  const ask = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 3, ...body }),
    });
  const models = async () => {
    const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    return data.map(({ id }) => id);
  };
  return { child, url, log, ask, models };
}

describe('SIGHUP', () => {
  it('replaces the bundle under load without a failed request; a broken one leaves it as it is and says why', async () => {
    await writeSample({ code: tinyAdapter(1) });
    const { child, log, ask, models } = await serve();
    expect(await models()).toEqual(['sample', 'sample:base', 'sample:code']);
    const statuses: number[] = [];
    let asking = true;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (asking) {
          const reply = await ask({ model: 'sample:base' });
          await reply.text();
          statuses.push(reply.status);
        }
      }),
    );

    await writeFile(
      join(folder, 'next.cogumi'),
      tarOf(sampleBundle({ base: model, adapters: { math: tinyAdapter(2) } })),
    );
    await rename(join(folder, 'next.cogumi'), bundle);
    child.kill('SIGHUP');
    await expect.poll(models).toEqual(['sample', 'sample:base', 'sample:math']);

    await writeFile(bundle, 'no bundle');
    child.kill('SIGHUP');
    await expect.poll(() => log.join('\n')).toMatch(/the bundle was not replaced.*BUNDLE/);
    expect(await models()).toEqual(['sample', 'sample:base', 'sample:math']);

    // Many at once: the newest file is what is served in the end.
    await writeSample({ law: tinyAdapter(3) });
    for (let at = 0; at < 10; at++) child.kill('SIGHUP');
    await expect.poll(models).toEqual(['sample', 'sample:base', 'sample:law']);
    asking = false;
    await load;
    expect(statuses.length).toBeGreaterThan(10);
    expect([...new Set(statuses)]).toEqual([200]);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('does not end a server that is starting: what is served is opened again then', async () => {
    await writeSample({});
    const cache = join(folder, 'new-cache');
    const log: string[] = [];
    const child = start('serve', bundle, '--port', '0', '--json', '--threads', '1', '--cache', cache);
    running = child;
    createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
    const ready = once(createInterface({ input: child.stdout! }), 'line');
    await expect.poll(() => existsSync(cache), { interval: 5 }).toBe(true);
    child.kill('SIGHUP');
    expect((await ready)[0]).toContain('http://');
    await expect.poll(() => log.join('\n')).toContain('sample is served now');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('reads the keys again', async () => {
    await writeSample({});
    const keys = join(folder, 'hangup.jsonl');
    const { stdout: key } = await cogumi('key', 'ann', '--keys', keys);
    const { child, url, log } = await serve('--keys', keys);
    const status = async () =>
      (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key.trim()}` } })).status;
    expect(await status()).toBe(200);
    await cogumi('key', 'bob', '--keys', join(folder, 'other.jsonl'));
    await rename(join(folder, 'other.jsonl'), keys);
    child.kill('SIGHUP');
    await expect.poll(status).toBe(401);
    expect(log.join('\n')).toContain('has changed: 1 key');
  });
});

describe('cogumi key', () => {
  it('prints a key once; the file has its hash and limits, and the server holds them', async () => {
    await writeSample({});
    const keys = join(folder, 'keys.jsonl');
    const limits = ['--requests-per-minute', '2', '--model', 'sample:base', '--endpoint', '/v1/chat/completions'];
    const made = await cogumi('key', 'ann', '--keys', keys, ...limits);
    expect(made.code).toBe(0);
    const key = made.stdout.trim();
    expect(key).toMatch(/^[\w-]{43}$/);
    const text = await readFile(keys, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      name: 'ann',
      requestsPerMinute: 2,
      models: ['sample:base'],
      endpoints: ['/v1/chat/completions'],
    });
    expect(text).not.toContain(key);
    const again = await cogumi('key', 'ann', '--keys', keys);
    expect(again).toMatchObject({ code: 3, stdout: '' });
    expect(again.stderr).toContain('error KEY_NAME_TAKEN: ');
    expect((await cogumi('key', 'bob', '--keys', keys, '--tokens-per-day', '0')).stderr).toContain('1 to');

    const { ask } = await serve('--keys', keys, '--host', '0.0.0.0');
    const authorization = `Bearer ${key}`;
    expect((await ask({ model: 'sample:base' })).status).toBe(401);
    expect((await ask({ model: 'sample:base' }, { authorization })).status).toBe(200);
    expect((await ask({ model: 'sample' }, { authorization })).status).toBe(403);
    expect((await ask({ model: 'sample:base' }, { authorization })).status).toBe(429);
  });
});

describe('cogumi serve', () => {
  it('never listens for other machines without a key', async () => {
    await writeSample({});
    const refused = await cogumi('serve', bundle, '--host', '0.0.0.0', '--port', '0', '--threads', '1');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/error KEY_REQUIRED: .*0\.0\.0\.0.*\n.*--keys/);
  });

  it('refuses two kinds of keys, and forms of the log that it does not have', async () => {
    const both = await cogumi('serve', bundle, '--keys', 'a', '--key-file', 'b');
    expect(both.stderr).toContain('--keys and --key-file are both set');
    expect((await cogumi('serve', bundle, '--log', 'xml')).stderr).toContain(
      '--log is "xml"; it must be text or json.',
    );
  });

  it('writes a line of JSON for each request and each event if it is asked to, without content', async () => {
    await writeSample({});
    const { child, log, ask } = await serve('--log', 'json');
    const reply = await ask({ messages: [{ role: 'user', content: 'a-secret-word' }] }, { 'x-request-id': 'mine' });
    await reply.text();
    await writeFile(bundle, 'no bundle');
    child.kill('SIGHUP');
    const told = () => log.map((line) => JSON.parse(line)).filter(({ event }) => event !== 'measured');
    await expect.poll(() => told().length).toBe(2);
    const [request, problem] = told();
    expect(request).toMatchObject({ event: 'request', request_id: 'mine', status: 200, completion_tokens: 3 });
    expect(problem).toMatchObject({ level: 'error', event: 'problem', code: expect.stringContaining('BUNDLE') });
    expect(log.join('\n')).not.toContain('a-secret-word');
  });

  it('ends soon, whatever its collector of spans does', async () => {
    await writeSample({});
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    environment.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    // The exporter itself would wait for an hour.
    environment.OTEL_EXPORTER_OTLP_TIMEOUT = '3600000';
    const { child, log, ask } = await serve();
    delete environment.OTEL_EXPORTER_OTLP_ENDPOINT;
    delete environment.OTEL_EXPORTER_OTLP_TIMEOUT;
    expect((await ask({})).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(log.join('\n')).toMatch(/spans are lost: SPANS_UNSENT: .*no answer within 2 s/);
    silent.closeAllConnections();
    silent.close();
  });

  it('lets answers go on for as long as --grace says, and no longer', async () => {
    await writeSample({});
    for (const [grace, ended] of [
      ['600', true],
      ['0', false],
    ] as const) {
      const { child, ask } = await serve('--grace', grace);
      const reply = await ask({ stream: true, max_tokens: 2000, logit_bias: { 2: -100 } });
      const reading = reply.text().then(
        (text) => text.includes('[DONE]'),
        () => false,
      );
      child.kill('SIGTERM');
      expect(await reading).toBe(ended);
      expect(await once(child, 'close')).toEqual([0, null]);
    }
  });
});
