import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRuntime } from '../open-bundle.ts';
import type { Runtime } from '../runtime.ts';
import { type RunningServer, startServer } from '../server/start-server.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';

/** The server that generates: Cogumi with the same bundle, which counts its requests. */
let upstream: ServedSample;
let requests = 0;
const asked: string[] = [];
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const begin = () => {
    requests++;
  };
  upstream = await serveSample({}, { observers: [{ begin, ask: (record) => asked.push(String(record.model)) }] });
}, 60_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => upstream?.close());

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];

/** Serves the bundle of the upstream before it. */
async function front(urls: readonly string[]) {
  const failures: string[] = [];
  const runtime: Runtime = await openRuntime(join(upstream.folder, 'sample.cogumi'), {
    cache: upstream.folder,
    contextTokens: 256,
    threads: 1,
    upstream: { urls, key: null },
  });
  closing.push(() => runtime.close());
  const server: RunningServer = await startServer(runtime, {
    port: 0,
    onFailure: ({ error }) => failures.push(String((error as Error).message)),
  });
  closing.push(() => server.close(0));
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
  return { runtime, client, failures };
}
const own = () => `${upstream.server.url}/v1`;

/** A server that answers what a test says. */
async function fake(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

describe('a server before another one', () => {
  it('routes, and answers what the other would, by the name of the model there', async () => {
    const { client, runtime } = await front([own()]);
    expect(runtime.parallel).toBe(64);
    for (const model of ['sample', 'sample:base', 'sample:reasoning']) {
      const body = { model, messages, max_tokens: 12 };
      const there = await upstream.client.chat.completions.create(body);
      asked.length = 0;
      const { data: here, response } = await client.chat.completions.create(body).withResponse();
      expect(here.choices[0]?.message.content).toBe(there.choices[0]?.message.content);
      expect(here.choices[0]?.finish_reason).toBe('length');
      expect(here.usage).toMatchObject({ completion_tokens: 12, prompt_tokens: there.usage?.prompt_tokens });
      const route = model.split(':')[1] ?? 'code';
      expect([response.headers.get('x-cogumi-route'), asked]).toEqual([route, [`sample:${route}`]]);
      let streamed = '';
      for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
        streamed += chunk.choices[0]?.delta.content ?? '';
      }
      expect(streamed).toBe(there.choices[0]?.message.content);
    }
  });

  it('passes on how tokens are chosen, and refuses what it cannot pass on', async () => {
    const { client } = await front([own()]);
    const body = { model: 'sample:base', messages, max_tokens: 12, temperature: 1.5, seed: 7, top_p: 0.9 };
    const there = await upstream.client.chat.completions.create(body);
    const here = await client.chat.completions.create(body);
    expect(here.choices[0]?.message.content).toBe(there.choices[0]?.message.content);
    const refused = client.chat.completions.create({ ...body, logprobs: true });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter' });
  });

  it('asks another replica if one is down or full, and lets that one rest', async () => {
    let full = 0;
    const busy = await fake((request, response) => {
      full++;
      request.resume();
      response.writeHead(503).end('{}');
    });
    const { client } = await front([own(), 'http://127.0.0.1:9/v1', busy]);
    const ask = () => client.chat.completions.create({ model: 'sample', messages, max_tokens: 8 });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    expect(new Set(answers.map(({ choices }) => choices[0]?.message.content)).size).toBe(1);
    expect(full).toBeGreaterThan(0);
    const before = full;
    await ask();
    expect(full).toBe(before);
  });

  it('never asks twice for an answer that has begun: the stream says that it broke off', async () => {
    const breaking = await fake((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"text":"Once"}]}\n\n', () => setTimeout(() => response.destroy(), 50));
    });
    // The list of models is asked of the first.
    const { client, failures } = await front([own(), breaking]);
    const before = requests;
    // Two at once, so that one goes to each.
    const ask = () => client.chat.completions.create({ model: 'sample', messages, max_tokens: 64, stream: true });
    const read = async () => {
      let text = '';
      for await (const chunk of await ask()) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    };
    const both = await Promise.allSettled([read(), read()]);
    const broken = both.filter((each) => each.status === 'rejected');
    expect(broken).toHaveLength(1);
    expect(String(broken[0]?.reason)).toContain('The servers that answer cannot do so now');
    expect(failures.join()).toContain('broke off');
    expect(requests - before).toBe(1);
  });

  it('stops the other server when the client hangs up', async () => {
    const { client } = await front([own()]);
    const stream = await client.chat.completions.create({ model: 'sample', messages, stream: true });
    for await (const _ of stream) break;
    const running = async () =>
      /cogumi_num_requests_running (\d+)/.exec(await (await fetch(`${upstream.server.url}/metrics`)).text())?.[1];
    await expect.poll(running, { timeout: 20_000 }).toBe('0');
  });

  it('says which models are missing, and that no server can be reached, without telling clients where they are', async () => {
    const other = await fake((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"data": [{"id": "llama"}, {"id": "code", "parent": "llama"}]}');
    });
    await expect(front([other])).rejects.toMatchObject({
      code: 'UPSTREAM_MODELS',
      message: expect.stringContaining('no model for reasoning; it has llama, code'),
    });
    await expect(front(['http://127.0.0.1:9/v1'])).rejects.toMatchObject({ code: 'UPSTREAM' });
    const gone = await fake((request, response) => {
      request.resume();
      if (request.method === 'POST') return void response.destroy();
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"data": [{"id": "x:base"}, {"id": "x:code"}, {"id": "x:reasoning"}]}');
    });
    const { client, failures } = await front([gone]);
    const refused = await client.chat.completions
      .create({ model: 'sample', messages })
      .catch((error: unknown) => error as InstanceType<typeof OpenAI.APIError>);
    expect(refused).toMatchObject({ status: 503, code: 'model_unavailable' });
    expect(String(refused)).not.toContain('127.0.0.1');
    expect(failures.join()).toContain(gone);
  });
});
