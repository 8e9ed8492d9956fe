import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerRequest, Runtime } from '../runtime.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts';

let sample: ServedSample;
let server: RunningServer;
const sockets: Socket[] = [];
const failures: unknown[] = [];
/** Of the server that was started last. */
let hangUps: string[];

beforeAll(async () => {
  sample = await serveSample();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close(0);
  expect(failures.splice(0)).toEqual([]);
});
afterAll(() => sample?.close());

async function start(options: ServerOptions, runtime = sample.runtime) {
  const own: string[] = [];
  hangUps = own;
  server = await startServer(runtime, {
    ...options,
    port: 0,
    onFailure: ({ error }) => failures.push(error),
    onHangUp: ({ requestId }) => own.push(requestId),
  });
}

interface Client {
  readonly socket: Socket;
  /** What the server has sent. */
  text(): string;
  closed: boolean;
}

function open(bytes: string | Buffer = ''): Promise<Client> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      if (bytes.length > 0) socket.write(bytes);
      resolve(client);
    });
    sockets.push(socket);
    const client = { socket, text: () => text, closed: false };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => {
      client.closed = true;
    });
    socket.on('error', reject);
  });
}
/** Opens connections in groups: Linux completes those beyond a server's backlog (511) without the server. */
async function openMany(count: number, bytes: string | Buffer = ''): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const group = Math.min(200, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: group }, () => open(bytes)))));
  }
  return clients;
}

/** The head of a request whose body has `length` bytes. */
const head = (length: number | 'chunked') =>
  'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n' +
  `${length === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`;
const question = (fields: object = {}) =>
  JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2, ...fields });

async function ask(): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers, body: question() });
  await reply.text();
  return reply.status;
}
const statusOf = ({ text }: Client) => Number(/^HTTP\/1\.1 (\d+)/.exec(text())?.[1] ?? 0);

describe('slow clients', () => {
  it('take no place: 300 dripping bodies and 2,000 idle connections keep no one out', async () => {
    await start({ bodies: { ms: 15_000 }, connections: { headersMs: 15_000 } });
    const idle = await openMany(2000);
    const dripping = [...(await openMany(150, head(500_000))), ...(await openMany(150, head('chunked')))];
    const drip = setInterval(() => {
      for (const { socket } of dripping.slice(0, 150)) if (socket.writable) socket.write('{');
      for (const { socket } of dripping.slice(150)) if (socket.writable) socket.write('1\r\n{\r\n');
    }, 200);
    const statuses: number[] = [];
    for (let round = 0; round < 5; round++) statuses.push(...(await Promise.all(Array.from({ length: 8 }, ask))));
    expect(new Set(statuses)).toEqual(new Set([200]));
    // The time is for the whole body: steady drops do not prolong it.
    await expect.poll(() => dripping.every((client) => client.closed)).toBe(true);
    clearInterval(drip);
    expect(new Set(dripping.map(statusOf))).toEqual(new Set([408]));
    expect(dripping[0]!.text()).toContain('"code":"body_timeout"');
    await expect.poll(() => idle.every((client) => client.closed)).toBe(true);
    expect(await ask()).toBe(200);
  });

  it('whose headers do not end get 408', async () => {
    await start({ connections: { headersMs: 2000 } });
    const slow = await openMany(50, 'GET /health HTTP/1.1\r\nHost: localhost\r\nx-slow: ');
    const drip = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write('y');
    }, 50);
    await expect.poll(() => slow.every((client) => client.closed)).toBe(true);
    clearInterval(drip);
    expect(new Set(slow.map(statusOf))).toEqual(new Set([408]));
    expect(slow[0]!.text()).toContain('"code":"request_timeout"');
  });

  it('that say nothing on a new connection get no answer when it is closed, which their next request would take for its own', async () => {
    await start({ connections: { headersMs: 2000 } });
    const silent = await openMany(20);
    await expect.poll(() => silent.every((client) => client.closed)).toBe(true);
    expect(silent.map((client) => client.text())).toEqual(Array(20).fill(''));
  });

  it('that were answered and do not end the next request get 408', async () => {
    await start({ connections: { headersMs: 2000 } });
    const client = await open('GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => client.text()).toContain('"data"');
    expect(statusOf(client)).toBe(200);
    const answer = client.text();
    client.socket.write('GET /v1/mo');
    await expect.poll(() => client.closed).toBe(true);
    expect(client.text().slice(answer.length)).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
  });

  it('cannot fill the memory: the oldest of many large bodies are refused, new ones are read', async () => {
    const largest = 2 ** 20;
    await start({ bodies: { allBytes: 8 * largest } });
    const almost = Buffer.concat([Buffer.from(head(largest)), Buffer.alloc(largest - 1, 0x20)]);
    const large = await openMany(40, almost);
    await expect.poll(() => large.filter((client) => statusOf(client) === 429).length).toBe(32);
    expect(await ask()).toBe(200);
    expect(large.some((client) => client.text().includes('took the longest'))).toBe(true);
  });

  it('cannot fill the table of connections: the one that has waited longest is closed', async () => {
    await start({ connections: { connections: 100 } });
    const idle = await openMany(60);
    const dripping = await openMany(60, `${head(1000)}{`);
    await expect.poll(() => [...idle, ...dripping].filter((client) => client.closed).length).toBe(20);
    expect(idle.slice(0, 20).every((client) => client.closed)).toBe(true);
    expect(await ask()).toBe(200);
  });

  it('that do not read their answer lose their place', async () => {
    // More text than the buffers of two sockets hold.
    const chatty: Runtime = Object.create(sample.runtime, {
      answer: {
        value: async ({ messages }: AnswerRequest) => ({
          decision: { route: 'base', reason: 'chosen', confidence: null, perplexity: null, scores: {} },
          promptTokens: 1,
          pieces: (async function* () {
            const parts = messages![0]?.content === 'much' ? 1000 : 1;
            for (let at = 0; at < parts; at++) yield { kind: 'text', text: 'x'.repeat(100_000), ids: [], logprobs: [] };
            yield { kind: 'end', finishReason: 'stop', promptTokens: 1, completionTokens: 1 };
          })(),
        }),
      },
    });
    await start({ maxRequests: 2, unreadMs: 8000 }, chatty);
    const body = question({ stream: true, messages: [{ role: 'user', content: 'much' }] });
    const unread = await openMany(2, head(body.length) + body);
    for (const { socket } of unread) socket.pause();
    await expect.poll(ask).toBe(429);
    await expect.poll(ask).toBe(200);
    await expect.poll(() => hangUps).toHaveLength(2);
  });
});
