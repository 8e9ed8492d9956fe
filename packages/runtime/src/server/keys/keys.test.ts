import { rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import Anthropic, {
  PermissionDeniedError as AnthropicPermissionDenied,
  RateLimitError as AnthropicRateLimit,
} from '@anthropic-ai/sdk';
import OpenAI, { PermissionDeniedError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Runtime } from '../../runtime.ts';
import { LONG_CONTEXT, openSample } from '../../testing/open-sample.ts';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import type { KeyLimits } from './client.ts';
import { hashOf, KeyRing } from './key-ring.ts';

let sample: ServedSample;
beforeAll(async () => {
  sample = await serveSample();
});
afterAll(() => sample?.close());

const ring = (limits: readonly KeyLimits[]) =>
  new KeyRing(limits.map((each) => ({ ...each, sha256: hashOf(`key-of-${each.name}`).toString('hex') })));
const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];

async function withServer(
  limits: readonly KeyLimits[],
  test: (
    server: RunningServer,
    openai: (name: string) => OpenAI,
    anthropic: (name: string) => Anthropic,
  ) => Promise<void>,
  runtime: Runtime = sample.runtime,
) {
  const server = await startServer(runtime, { port: 0, keys: ring(limits) });
  try {
    await test(
      server,
      (name) => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: `key-of-${name}`, maxRetries: 0 }),
      (name) => new Anthropic({ baseURL: server.url, apiKey: `key-of-${name}`, maxRetries: 0 }),
    );
  } finally {
    await server.close();
  }
}

const chat = { model: 'sample', messages, max_tokens: 2 };
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('a server with keys', () => {
  it('is the only one that other machines can reach', async () => {
    for (const host of ['0.0.0.0', '::']) {
      await expect(startServer(sample.runtime, { host, port: 0 })).rejects.toMatchObject({
        code: 'KEY_REQUIRED',
        message: expect.stringContaining(host),
        hint: expect.stringContaining('--keys'),
      });
    }
    const open = await startServer(sample.runtime, { host: '0.0.0.0', port: 0, keys: ring([{ name: 'ann' }]) });
    expect((await fetch(`http://127.0.0.1:${new URL(open.url).port}/v1/models`)).status).toBe(401);
    await open.close();
  });

  it('lets a key use its endpoints and models only, and says so in the form of its API', async () => {
    const limits = [
      { name: 'chats', endpoints: ['/v1/chat/completions', '/v1/models'] },
      { name: 'codes', models: ['sample:code'] },
      { name: 'watches', endpoints: ['/metrics'] },
    ];
    await withServer(limits, async ({ url }, openai, anthropic) => {
      expect((await openai('chats').chat.completions.create(chat)).choices).toHaveLength(1);
      const refused = await caught(openai('chats').embeddings.create({ model: 'sample', input: 'Hi' }));
      expect(refused).toBeInstanceOf(PermissionDeniedError);
      expect(refused).toMatchObject({ code: 'endpoint_not_allowed' });
      expect(String(refused)).toContain('it is for /v1/chat/completions, /v1/models');

      expect((await openai('codes').models.list()).data.map(({ id }) => id)).toEqual(['sample:code']);
      const named = { ...chat, model: 'sample:code' };
      expect((await openai('codes').chat.completions.create(named)).choices).toHaveLength(1);
      for (const model of ['sample', 'sample:base']) {
        const other = await caught(openai('codes').chat.completions.create({ ...chat, model }));
        expect(other).toMatchObject({ status: 403, code: 'model_not_allowed', param: 'model' });
        const message = await caught(anthropic('codes').messages.create({ ...chat, model }));
        expect(message).toBeInstanceOf(AnthropicPermissionDenied);
        expect(message).toMatchObject({ error: { type: 'error', error: { type: 'permission_error' } } });
        const counted = await caught(anthropic('codes').messages.countTokens({ model, messages }));
        expect(counted).toBeInstanceOf(AnthropicPermissionDenied);
        const vector = await caught(openai('codes').embeddings.create({ model, input: 'Hi' }));
        expect(vector).toBeInstanceOf(PermissionDeniedError);
      }
      // What it may not use is in no list of what there is.
      const typo = { ...chat, model: 'sample:cod' };
      const unknown = [
        await caught(openai('codes').chat.completions.create(typo)),
        await caught(openai('codes').completions.create({ model: 'sample:cod', prompt: 'Hi' })),
        await caught(openai('codes').responses.create({ model: 'sample:cod', input: 'Hi' })),
        await caught(openai('codes').embeddings.create({ model: 'sample:cod', input: 'Hi' })),
        await caught(openai('codes').models.retrieve('sample:cod')),
        await caught(anthropic('codes').messages.create(typo)),
        await caught(anthropic('codes').messages.countTokens({ model: 'sample:cod', messages })),
      ];
      for (const error of unknown) {
        expect(error).toMatchObject({ status: 404 });
        expect(String(error)).toMatch(/available: sample:code\. Did you mean/);
      }
      // Without a name it would be the bundle with its router.
      const unnamed = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer key-of-codes', 'content-type': 'application/json' },
        body: JSON.stringify({ messages }),
      });
      expect(unnamed.status).toBe(403);

      const metrics = async (name: string) =>
        (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer key-of-${name}` } })).status;
      expect([
        await metrics('watches'),
        await metrics('chats'),
        await metrics('codes'),
        await metrics('nobody'),
      ]).toEqual([200, 403, 403, 401]);
    });
  });

  it('answers nobody when its last key was taken back', async () => {
    const keys = ring([{ name: 'ann' }]);
    const server = await startServer(sample.runtime, { port: 0, keys });
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/v1/models`, { headers })).status;
    expect(await status({ 'x-api-key': 'key-of-ann' })).toBe(200);
    keys.replace([]);
    for (const headers of [{}, { 'x-api-key': '' }, { 'x-api-key': 'key-of-ann' }]) {
      expect(await status(headers as Record<string, string>)).toBe(401);
    }
    await server.close();
  });

  it('cannot be reached past the key by other spellings of a path', async () => {
    await withServer([{ name: 'ann', endpoints: ['/v1/models'] }], async ({ url }) => {
      const { port } = new URL(url);
      const status = (path: string, key?: string) =>
        new Promise<number>((resolve, reject) => {
          const headers = key === undefined ? {} : { 'x-api-key': key };
          httpRequest({ port, path, headers, method: 'POST' }, (response) => {
            response.resume();
            resolve(response.statusCode as number);
          })
            .on('error', reject)
            .end();
        });
      for (const path of [
        '/v1/chat/completions',
        '/%76%31/chat/completions',
        '//v1/chat/completions',
        '/./v1/chat/completions',
        '/x/../v1/chat/completions',
        '/v1/chat/completions/',
        '/v1/chat/completions?x=/health',
        '/v1/chat/completions#/health',
        '/v1/chat%2Fcompletions',
        '/health/../tokenize',
        '/tokenize',
        '/detokenize',
        '/metrics',
      ]) {
        expect(await status(path), path).toBe(401);
        expect([403, 404], path).toContain(await status(path, 'key-of-ann'));
      }
    });
  });

  it('holds the limits of a key before it reads a body, and other keys do not notice', async () => {
    // Time frees nothing of a limit, however long the requests take.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => clock.mockRestore());
    const limits = [{ name: 'ann', requestsPerMinute: 2 }, { name: 'bob' }, { name: 'cat', tokensPerDay: 10 }];
    await withServer(limits, async ({ url }, openai, anthropic) => {
      await openai('ann').chat.completions.create(chat);
      // A request that is refused counts, too.
      expect(await caught(openai('ann').chat.completions.create({ ...chat, n: 99 }))).toMatchObject({ status: 400 });
      const refused = await caught(openai('ann').chat.completions.create(chat));
      expect(refused).toBeInstanceOf(RateLimitError);
      expect(refused).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests' });
      expect((refused as RateLimitError).headers.get('retry-after')).toBe('30');
      expect(await caught(anthropic('ann').messages.create(chat))).toBeInstanceOf(AnthropicRateLimit);
      // No byte of this body was sent.
      const unread = await new Promise<number>((resolve, reject) => {
        const headers = { 'x-api-key': 'key-of-ann', 'content-type': 'application/json', 'content-length': '1000' };
        const sent = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', headers }, (response) => {
          resolve(response.statusCode as number);
          sent.destroy();
        });
        sent.on('error', reject);
        sent.flushHeaders();
      });
      expect(unread).toBe(429);
      // Lists are free.
      expect((await openai('ann').models.list()).data.length).toBeGreaterThan(0);
      expect((await openai('bob').chat.completions.create(chat)).choices).toHaveLength(1);

      await openai('cat').chat.completions.create(chat);
      const used = await caught(openai('cat').chat.completions.create(chat));
      expect(used).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' });
    });
  });

  it('bounds the requests of a key at a time, whole and streamed, and counts none that has ended', async () => {
    const long = await openSample({ contextTokens: LONG_CONTEXT });
    const test = async (_: RunningServer, openai: (name: string) => OpenAI) => {
      const own = openai('ann');
      const { max_tokens: _limit, ...unlimited } = chat;
      const stream = await own.chat.completions.create({ ...unlimited, stream: true });
      expect(await caught(own.chat.completions.create(chat))).toMatchObject({ status: 429 });
      for await (const _ of stream) break;
      const free = () => caught(own.chat.completions.create(chat));
      await expect.poll(free).toBeNull();
      for (let round = 0; round < 3; round++) {
        expect(await caught(own.chat.completions.create({ ...chat, n: 99 }))).toMatchObject({ status: 400 });
        expect(await free()).toBeNull();
      }
    };
    try {
      await withServer([{ name: 'ann', concurrentRequests: 1 }], test, long.runtime);
    } finally {
      await long.runtime.close();
      await rm(long.folder, { recursive: true });
    }
  });

  it('tells a key nothing of what another asked: the prefix cache is not shared between keys', async () => {
    await sample.measured();
    await withServer([{ name: 'anna' }, { name: 'bob' }], async (_, openai) => {
      const long = {
        ...chat,
        messages: [{ role: 'user' as const, content: 'Tell me of a fox, a hen and a long winter.' }],
      };
      const cached = async (name: string) =>
        (await openai(name).chat.completions.create(long)).usage?.prompt_tokens_details?.cached_tokens ?? 0;
      expect(await cached('anna')).toBeLessThan(10);
      expect(await cached('bob')).toBeLessThan(10);
      expect(await cached('anna')).toBeGreaterThan(10);
    });
  });

  /** A runtime that notes what it answers, and waits with each until it is released. */
  function heldRuntime() {
    const order: string[] = [];
    const held: (() => void)[] = [];
    const runtime: Runtime = Object.create(sample.runtime, {
      answer: {
        value: async (...given: Parameters<Runtime['answer']>) => {
          const [{ messages: [first] = [], prompt }] = given;
          order.push(String(first?.content ?? prompt));
          await new Promise<void>((resolve) => held.push(resolve));
          return sample.runtime.answer(...given);
        },
      },
    });
    return { order, runtime, release: () => held.shift()?.() };
  }

  it('answers one request of a key soon while another key has sent forty', async () => {
    const { order, runtime, release } = heldRuntime();
    await withServer(
      [{ name: 'many' }, { name: 'one' }, { name: 'watch', endpoints: ['/metrics'] }],
      async ({ url }, openai) => {
        const ask = (name: string) =>
          openai(name).chat.completions.create({ ...chat, messages: [{ role: 'user', content: name }] });
        const all = Array.from({ length: 40 }, () => ask('many'));
        const waiting = async () => {
          const reply = await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer key-of-watch' } });
          return Number(/cogumi_num_requests_waiting (\d+)/.exec(await reply.text())?.[1]);
        };
        // Two sequences, and one that is routed meanwhile.
        await expect.poll(waiting).toBe(37);
        await expect.poll(() => order.length).toBe(3);
        const other = ask('one');
        await expect.poll(waiting).toBe(38);
        const releasing = setInterval(release, 5);
        await other;
        expect(order.indexOf('one')).toBeLessThanOrEqual(4);
        await Promise.all(all);
        clearInterval(releasing);
      },
      runtime,
    );
  });

  it('answers three requests of a key soon while a list of forty prompts of another key is answered', async () => {
    const { order, runtime, release } = heldRuntime();
    await withServer(
      [{ name: 'list' }, { name: 'one' }],
      async (_server, openai) => {
        const ask = (name: string, prompt: string | string[]) =>
          openai(name).completions.create({ model: 'sample', prompt, max_tokens: 1 });
        const list = ask('list', Array(40).fill('list'));
        // The others begin when the route of the first is decided.
        await expect.poll(() => order.length).toBe(1);
        const others = [ask('one', 'one'), ask('one', 'one'), ask('one', 'one')];
        await expect.poll(() => order.length).toBe(3);
        const releasing = setInterval(release, 5);
        await Promise.all(others);
        expect(order.lastIndexOf('one')).toBeLessThanOrEqual(9);
        expect((await list).choices).toHaveLength(40);
        clearInterval(releasing);
      },
      runtime,
    );
  });
});
