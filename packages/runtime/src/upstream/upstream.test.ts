import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openRuntime } from '../open-bundle.ts';
import type { Runtime } from '../runtime.ts';
import { type RunningServer, startServer } from '../server/start-server.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { upstreamModels } from './upstream-models.ts';

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
});
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

/** The list of models of a server that has all of the sample. */
function offer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"data": [{"id": "x:base"}, {"id": "x:code"}, {"id": "x:reasoning"}]}');
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
      request.resume();
      if (request.method === 'GET') return offer(response);
      full++;
      response.writeHead(503).end('{}');
    });
    const { client } = await front([own(), 'http://127.0.0.1:9/v1', busy]);
    // A rest does not end, however long the requests take.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => clock.mockRestore());
    const ask = () => client.chat.completions.create({ model: 'sample', messages, max_tokens: 8 });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    expect(new Set(answers.map(({ choices }) => choices[0]?.message.content)).size).toBe(1);
    expect(full).toBeGreaterThan(0);
    const before = full;
    await ask();
    expect(full).toBe(before);
  });

  it('never asks twice for an answer that has begun: the stream says that it broke off', async () => {
    const begun: ServerResponse[] = [];
    const breaking = await fake((request, response) => {
      request.resume();
      if (request.method === 'GET') return offer(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"text":"Once"}]}\n\n', () => begun.push(response));
    });
    const { client, failures } = await front([breaking, own()]);
    const before = requests;
    const ask = () => client.chat.completions.create({ model: 'sample', messages, max_tokens: 64, stream: true });
    const read = async () => {
      let text = '';
      for await (const chunk of await ask()) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    };
    const broken = read().catch(String);
    await expect.poll(() => begun.length).toBe(1);
    // The first server has one under way, so the next goes to the other.
    expect(await read()).not.toBe('');
    begun[0]?.destroy();
    expect(await broken).toContain('The servers that answer cannot do so now');
    expect(failures.join()).toContain('broke off');
    expect(requests - before).toBe(1);
  });

  it('stops the other server when the client hangs up', async () => {
    const { client } = await front([own()]);
    const stream = await client.chat.completions.create({ model: 'sample', messages, stream: true });
    for await (const _ of stream) break;
    const running = async () =>
      /cogumi_num_requests_running (\d+)/.exec(await (await fetch(`${upstream.server.url}/metrics`)).text())?.[1];
    await expect.poll(running).toBe('0');
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
      offer(response);
    });
    const { client, failures } = await front([gone]);
    const refused = await client.chat.completions
      .create({ model: 'sample', messages })
      .catch((error: unknown) => error as InstanceType<typeof OpenAI.APIError>);
    expect(refused).toMatchObject({ status: 503, code: 'model_unavailable' });
    expect(String(refused)).not.toContain('127.0.0.1');
    expect(failures.join()).toContain(gone);
  });

  it('uses a server that was down at the start as soon as it is there, and says so until then', async () => {
    const asked: string[] = [];
    // It keeps its port, which another program would take.
    let there = false;
    const url = await fake((request, response) => {
      if (!there) return void request.socket.destroy();
      request.resume();
      if (request.method === 'GET') return offer(response);
      asked.push('late');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"choices":[{"text":"late","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    const { client, runtime } = await front([own(), url]);
    expect(runtime.notes).toEqual([`${url} cannot be reached now; it is asked again every few seconds`]);
    const ask = () => client.chat.completions.create({ model: 'sample', messages, max_tokens: 200 });
    await client.chat.completions.create({ model: 'sample', messages, max_tokens: 4 });
    expect(asked).toEqual([]);
    there = true;
    // Two at once, so that one goes to each that is there.
    const both = async () => {
      await Promise.all([ask(), ask()]);
      return asked.length;
    };
    await expect.poll(both, { interval: 500 }).toBeGreaterThan(0);
  });

  it('does not take a llama-server that says nothing of its adapters for one without any', async () => {
    const statuses = [503, 404];
    const url = await fake((request, response) => {
      const status = request.url === '/lora-adapters' ? (statuses.shift() as number) : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: [{ id: 'base.gguf', owned_by: 'llamacpp' }] }));
    });
    await expect(upstreamModels(url, null, ['base'], undefined)).rejects.toThrow(
      '/lora-adapters gives no list of adapters: it answered 503',
    );
    expect(await upstreamModels(url, null, ['base'], undefined)).toMatchObject({
      routes: { base: { model: 'base.gguf' } },
    });
  });

  it('asks llama-server in its own words: adapters by their files, its grammar, and none of its defaults', async () => {
    const bodies: Record<string, unknown>[] = [];
    const url = await fake((request, response) => {
      const json = (value: unknown, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      };
      if (request.url === '/v1/models') return json({ data: [{ id: 'base.gguf', owned_by: 'llamacpp' }] });
      if (request.url === '/lora-adapters') {
        return json([
          { id: 0, path: '/models/code.gguf', scale: 1 },
          { id: 1, path: 'C:\\models\\reasoning.gguf', scale: 1 },
        ]);
      }
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        bodies.push(JSON.parse(text));
        if (bodies.at(-1)?.seed === 13) return json({ error: { message: 'no seeds here' } }, 501);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: {"choices":[{"text":"{}","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      });
    });
    const { client } = await front([url]);
    const ask = (fields: object) =>
      client.chat.completions.create({ model: 'sample:base', messages, max_tokens: 4, ...fields });
    await ask({});
    await ask({ model: 'sample:reasoning', response_format: { type: 'json_object' } });
    const [base, reasoning] = bodies;
    expect(base).toMatchObject({
      model: 'base.gguf',
      lora: [
        { id: 0, scale: 0 },
        { id: 1, scale: 0 },
      ],
      ...{ top_k: 0, top_p: 1, min_p: 0, repeat_penalty: 1, temperature: 0, max_tokens: 4 },
    });
    expect(base).not.toHaveProperty('grammar');
    expect(reasoning).toMatchObject({
      lora: [
        { id: 0, scale: 0 },
        { id: 1, scale: 1 },
      ],
      grammar: expect.stringContaining('root ::='),
    });
    await expect(ask({ seed: 13 })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      message: expect.stringContaining('no seeds here'),
    });
  });
});
