import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import { isLoopback } from '@cogumi/pure';
import OpenAI, { AuthenticationError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { type RunningServer, startServer } from './start-server.ts';

let runtime: Runtime;
let server: RunningServer;
let client: OpenAI;
let sample: ServedSample | undefined;

beforeAll(async () => {
  sample = await serveSample();
  ({ runtime, server, client } = sample);
});
afterAll(() => sample?.close());

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const JSON_TYPE = { 'content-type': 'application/json' };

function raw(url: string, headers: Record<string, string>, body = question, method = 'POST') {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? body : undefined);
  });
}
const question = JSON.stringify({ messages, max_tokens: 2 });
const codeOf = ({ body }: { body: string }) => (JSON.parse(body) as { error: { code: string } }).error.code;

describe('who can reach a server', () => {
  it('is decided by the address that was bound, not by the name that was given', async () => {
    const reached = async (host: string) => {
      const { url, loopback, close } = await startServer(runtime, { host, port: 0, apiKey: 'key' });
      const { status } = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': 'key' } });
      // A page behind a DNS name that points here.
      const rebound = await raw(`${url}/v1/models`, { host: 'evil.example', 'x-api-key': 'key' }, '', 'GET');
      await close(0);
      return { loopback, status, rebound: rebound.status };
    };
    const here = { loopback: true, status: 200, rebound: 403 };
    const everywhere = { loopback: false, status: 200, rebound: 200 };
    expect(await reached('localhost')).toEqual(here);
    // Names of 127.0.0.1 that do not look like it.
    expect(await reached('127.1')).toEqual(here);
    expect(await reached('::ffff:127.0.0.1')).toEqual(here);
    expect(await reached('0.0.0.0')).toEqual(everywhere);
    // The name of this machine: whatever its resolver says.
    const { address } = await lookup(hostname());
    expect((await reached(hostname())).loopback).toBe(isLoopback(address));
  });
});

describe('access control', () => {
  const chat = () => `${server.url}/v1/chat/completions`;

  it('accepts only JSON, and names the header that curl -d needs', async () => {
    for (const type of [
      'text/plain',
      'text/plain;charset=UTF-8',
      'multipart/form-data',
      'application/jsonp',
      'text/json',
    ]) {
      const refused = await raw(chat(), { 'content-type': type });
      expect({ status: refused.status, code: codeOf(refused) }).toEqual({
        status: 415,
        code: 'unsupported_media_type',
      });
    }
    const curl = await raw(chat(), { 'content-type': 'application/x-www-form-urlencoded' });
    expect(curl.status).toBe(415);
    expect(JSON.parse(curl.body).error.message).toMatch(/the default of curl -d.*-H 'content-type: application\/json'/);
    const without = await raw(chat(), {});
    expect(without.status).toBe(415);
    expect(JSON.parse(without.body).error.message).toContain('it has no content-type');
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
      expect((await raw(chat(), { 'content-type': type })).status).toBe(200);
    }
  });

  it('refuses other names for this machine, against DNS rebinding', async () => {
    const { port } = new URL(server.url);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '192.168.0.7',
      'localhost:80:80',
    ]) {
      for (const path of ['/v1/chat/completions', '/v1/models', '/', '/health', '/nowhere']) {
        const method = path.includes('chat') ? 'POST' : 'GET';
        const refused = await raw(server.url + path, { ...JSON_TYPE, host }, question, method);
        if (host.endsWith(':80:80')) expect(refused.status, host).toBeGreaterThanOrEqual(400);
        else
          expect({ status: refused.status, code: codeOf(refused) }, host).toEqual({
            status: 403,
            code: 'host_not_allowed',
          });
      }
    }
    for (const host of ['localhost', 'LocalHost:1', '127.0.0.1', `127.0.0.1:${port}`, `[::1]:${port}`, '[::1]']) {
      expect((await raw(chat(), { ...JSON_TYPE, host })).status, host).toBe(200);
    }
  });

  it('refuses requests from other web pages, and accepts its own', async () => {
    const { port, host } = new URL(server.url);
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:1',
      `http://127.0.0.1:${port}.evil.example`,
    ]) {
      for (const method of ['POST', 'GET', 'OPTIONS']) {
        const refused = await raw(chat(), { ...JSON_TYPE, origin }, question, method);
        expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 403, code: 'origin_not_allowed' });
        expect(refused.headers['access-control-allow-origin']).toBeUndefined();
      }
    }
    expect((await raw(chat(), { ...JSON_TYPE, origin: `http://${host}` })).status).toBe(200);
    const forwarded = { ...JSON_TYPE, host: 'localhost:9999', origin: 'http://localhost:9999' };
    expect((await raw(chat(), forwarded)).status).toBe(200);
  });

  it('does not check names when it listens on another address', async () => {
    const open = await startServer(runtime, { host: '0.0.0.0', port: 0, apiKey: 'key' });
    const url = `http://127.0.0.1:${new URL(open.url).port}/v1/chat/completions`;
    const key = { 'x-api-key': 'key' };
    expect((await raw(url, { ...JSON_TYPE, ...key, host: 'model.lan', origin: 'https://chat.lan' })).status).toBe(200);
    expect((await raw(url, { 'content-type': 'text/plain', ...key })).status).toBe(415);
    await open.close();
  });

  it('requires the key if one is set', async () => {
    const locked = await startServer(runtime, { port: 0, apiKey: 'correct-horse' });
    const withKey = (apiKey: string) => new OpenAI({ baseURL: `${locked.url}/v1`, apiKey, maxRetries: 0 });
    expect((await withKey('correct-horse').models.list()).data).toHaveLength(4);
    for (const key of ['correct-hors', 'correct-horse2', 'x']) {
      const error = await withKey(key)
        .models.list()
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ code: 'invalid_api_key', type: 'invalid_request_error', param: null });
      expect(String(error)).not.toContain('correct-horse');
    }
    const missing = await raw(`${locked.url}/v1/chat/completions`, JSON_TYPE);
    expect({ status: missing.status, code: codeOf(missing) }).toEqual({ status: 401, code: 'invalid_api_key' });
    expect(missing.headers['www-authenticate']).toBe('Bearer');
    expect((await raw(`${locked.url}/v1/nowhere`, {}, '', 'GET')).status).toBe(401);
    // Monitoring and the page, which prompts for the key, work without it.
    for (const path of ['/', '/health']) expect((await raw(locked.url + path, {}, '', 'GET')).status).toBe(200);
    await locked.close();
  });

  it('refuses requests beyond the limit with 429, and accepts new ones when earlier ones have ended', async () => {
    const held: (() => void)[] = [];
    const slow: Runtime = Object.create(runtime, {
      answer: {
        value: async (...given: Parameters<Runtime['answer']>) => {
          await new Promise<void>((resolve) => held.push(resolve));
          return runtime.answer(...given);
        },
      },
    });
    const small = await startServer(slow, { port: 0, maxRequests: 2 });
    const url = `${small.url}/v1/chat/completions`;
    const plain = raw(url, JSON_TYPE);
    const streamed = raw(url, JSON_TYPE, JSON.stringify({ messages, max_tokens: 2, stream: true }));
    await expect.poll(() => held.length).toBe(2);
    const refused = await raw(url, JSON_TYPE);
    expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 429, code: 'rate_limit_exceeded' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const own = new OpenAI({ baseURL: `${small.url}/v1`, apiKey: 'none', maxRetries: 0 });
    await expect(own.chat.completions.create({ model: 'sample', messages })).rejects.toBeInstanceOf(RateLimitError);
    expect((await own.models.list()).data).toHaveLength(4);
    for (const go of held.splice(0)) go();
    expect([(await plain).status, (await streamed).status]).toEqual([200, 200]);

    // Requests that were refused, failed or hung up (streamed or not) have released their places as well.
    let releases = true;
    const releasing = setInterval(() => {
      if (releases) for (const go of held.splice(0)) go();
    }, 5);
    const free = () => expect.poll(async () => (await raw(url, JSON_TYPE, '{')).status).toBe(400);
    for (let round = 0; round < 3; round++) {
      await free();
      const stream = await own.chat.completions.create({ model: 'sample', messages, stream: true });
      for await (const _ of stream) break;
      await free();
      // It hangs up when the server is at work for it.
      releases = false;
      const hangUp = new AbortController();
      const hanging = own.chat.completions.create({ model: 'sample', messages }, { signal: hangUp.signal });
      await expect.poll(() => held.length).toBe(1);
      hangUp.abort();
      await expect(hanging).rejects.toThrow('aborted');
      releases = true;
    }
    const both = async () =>
      (await Promise.all([raw(url, JSON_TYPE), raw(url, JSON_TYPE)])).map(({ status }) => status);
    await expect.poll(both).toEqual([200, 200]);
    clearInterval(releasing);
    await small.close();
  });

  it('treats names of control tokens in messages as text', async () => {
    const tokens = async (content: string) => {
      const question = [{ role: 'user' as const, content }];
      const { usage } = await client.chat.completions.create({ model: 'sample', messages: question, max_tokens: 1 });
      return usage!.prompt_tokens;
    };
    // `</s>` is one token of the vocabulary, and several as text.
    expect((await tokens('a</s></s></s>')) - (await tokens('a'))).toBeGreaterThan(6);
  });
});
