import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { LONG_CONTEXT } from '../testing/open-sample.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { startServer } from './start-server.ts';

let sample: ServedSample;
const failures: unknown[] = [];
const hangUps: string[] = [];
beforeAll(async () => {
  sample = await serveSample(
    { contextTokens: LONG_CONTEXT },
    { onFailure: ({ error }) => failures.push(error), onHangUp: ({ requestId }) => hangUps.push(requestId) },
  );
});
afterAll(() => sample?.close());

/** Sends bytes as they are. @returns Everything that the server sends until it closes the connection. */
function send(bytes: string | Buffer, url = sample.server.url): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2 });
const post = (headers: string, content: string | Buffer = body, path = '/v1/chat/completions') =>
  Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${headers}content-type: application/json\r\n`),
    Buffer.from(`content-length: ${Buffer.byteLength(content)}\r\nconnection: close\r\n\r\n`),
    Buffer.from(content),
  ]);
const get = (path: string, headers = 'Host: localhost\r\n') =>
  `GET ${path} HTTP/1.1\r\n${headers}connection: close\r\n\r\n`;
const statusOf = (reply: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);

describe('a request with a broken head', () => {
  it.each([
    'Host: 127.999.999.999',
    'Host: 127.0.0.256',
    'Host: 127.1.1.1:99999',
    'Host: [::1',
    'Host: [::zz]',
    'Host: localhost:port',
    'Host: localhost:80:80',
    'Host: user@localhost',
    'Host: localhost/path',
    'Host: localhost?x',
    'Host: localhost#x',
    'Host: local host',
    'Host: %zz',
    'Host: ',
    'Host: localhost\r\nHost: localhost',
    'Host: localhost\r\nauthorization: Bearer a\r\nauthorization: Bearer b',
    'Host: localhost\r\norigin: http://localhost\r\norigin: http://evil.example',
    'Host: localhost\r\nX y: 1',
    'Host: localhost\r\nx: \0',
    'X-No-Host: 1',
  ])('is refused with 400 and an error of the usual shape: %j', async (headers) => {
    for (const bytes of [post(`${headers}\r\n`), get('/health', `${headers}\r\n`), get('/', `${headers}\r\n`)]) {
      const reply = await send(bytes);
      const [head = '', text = ''] = reply.split('\r\n\r\n');
      expect([statusOf(reply), head]).toEqual([expect.toSatisfy((status) => status === 400 || status === 403), head]);
      expect(JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)).error.type).toBe(
        'invalid_request_error',
      );
      expect(head.toLowerCase()).toContain('x-request-id');
    }
  });

  it.each(['http://[', '*', 'evil', '/\\evil', 'http://', 'ftp://localhost/'])(
    'is refused with 400 for the address %s',
    async (path) => expect(statusOf(await send(get(path)))).toBe(400),
  );

  it.each(['/%', '/v1/models/%zz', '/v1/models/%ff', '/v1/models/..%2f', '//', '/a?b=%'])(
    'is answered without a failure for the address %s',
    async (path) => expect(statusOf(await send(get(path)))).toBeLessThan(500),
  );

  it('is refused with 431 if it is too large, and with 400 if it is not HTTP', async () => {
    expect(statusOf(await send(get('/health', `Host: localhost\r\nx: ${'y'.repeat(20_000)}\r\n`)))).toBe(431);
    expect(statusOf(await send('\x16\x03\x01\x02\x00\x01\r\n\r\n'))).toBe(400);
    expect(statusOf(await send(post('Host: localhost\r\ncontent-length: 1\r\n')))).toBe(400);
    expect(statusOf(await send('GET / HTTP/9.9\r\n\r\n'))).toBe(400);
    expect(failures).toEqual([]);
  });
});

describe('an error of a request that the app never sees', () => {
  const errorOf = (reply: string) => JSON.parse(reply.slice(reply.indexOf('{'), reply.lastIndexOf('}') + 1));
  it.each([
    ['a head that contradicts itself', 'Host: a\r\nHost: b\r\n', 400],
    ['a line that is no header', 'Host: localhost\r\nX y: 1\r\n', 400],
    ['an expectation that nobody knows', 'Host: localhost\r\nexpect: wonders\r\n', 417],
  ])("has the shape of the client's API: %s", async (_, headers, status) => {
    const openAi = await send(post(headers));
    expect([statusOf(openAi), errorOf(openAi)]).toEqual([status, { error: expect.objectContaining({ param: null }) }]);
    const anthropic = await send(post(headers, body, '/v1/messages'));
    expect([statusOf(anthropic), errorOf(anthropic)]).toEqual([
      status,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.any(String) },
        request_id: expect.any(String),
      },
    ]);
  });

  it('comes once: a body that breaks off after its request was refused adds none', async () => {
    const chunks = 'transfer-encoding: chunked\r\ncontent-type: text/plain\r\n\r\n2\r\n{}\r\nzz\r\n';
    const reply = await send(`POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n${chunks}`);
    expect(reply.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415']);
  });
});

describe('a body that would be changed in silence', () => {
  const content = (bytes: readonly number[]) =>
    Buffer.concat([
      Buffer.from('{"max_tokens":2,"messages":[{"role":"user","content":"'),
      Buffer.from(bytes),
      Buffer.from('"}]}'),
    ]);
  it.each([
    ['bytes that are no UTF-8', content([0x61, 0xff])],
    ['a cut character', content([0xc3])],
    ['a surrogate in UTF-8', content([0xed, 0xa0, 0x80])],
    ['half of a surrogate pair', '{"max_tokens":2,"messages":[{"role":"user","content":"\\ud83e"}]}'],
    ['a model named twice', `{"model":"sample:base",${body.slice(1, -1)},"model":"sample:code"}`],
    ['messages that stand twice', `${body.slice(0, -1)},"messages":[]}`],
    ['a role that stands twice', '{"messages":[{"role":"system","content":"Hi","role":"user"}]}'],
    ['an escaped name that stands twice', `{"max_t\\u006fkens":3,${body.slice(1)}`],
    ['the same unknown name twice, with null', `{"x":null,"x":null,${body.slice(1)}`],
  ])('is refused with 400: %s', async (_, bytes) => {
    const reply = await send(post('Host: localhost\r\n', bytes as string | Buffer));
    expect([statusOf(reply), reply]).toEqual([400, expect.stringContaining('"code":"invalid_json"')]);
  });
});

describe('a client that hangs up', () => {
  it('is reported as such and not as a failure, whenever it does', async () => {
    const { hostname, port } = new URL(sample.server.url);
    const whole = post('Host: localhost\r\n');
    const streamed = post('Host: localhost\r\n', body.replace('"max_tokens":2', '"stream":true'));
    const plain = post('Host: localhost\r\n', body.replace(',"max_tokens":2', ''));
    const leave = (bytes: Buffer, afterMs: number) =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.write(bytes));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        setTimeout(() => socket.resetAndDestroy(), afterMs);
      });
    for (const bytes of [whole.subarray(0, -5), streamed, plain]) {
      const before = hangUps.length;
      // When the server is at work for a request depends on the machine.
      for (let afterMs = 1; hangUps.length === before; afterMs = (afterMs * 1.3) % 5000) await leave(bytes, afterMs);
    }
    expect(new Set(hangUps).size).toBe(hangUps.length);
    expect(statusOf(await send(whole))).toBe(200);
    expect(failures).toEqual([]);
  });
});

describe('the health', () => {
  it('is ok again after the model has died, although nobody asks for an answer', async () => {
    const health = async () => {
      const reply = await fetch(`${sample.server.url}/health`);
      return { code: reply.status, ...((await reply.json()) as { status: string }) };
    };
    const pid = sample.runtime.modelPid as number;
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await health()).status, { interval: 1 }).not.toBe('ok');
    await expect.poll(health).toMatchObject({ code: 200, status: 'ok' });
    expect(sample.runtime.modelPid).not.toBe(pid);
  });

  it('tells when the model is down, with 503 and the time of the next attempt', async () => {
    const health = { status: 'down', reason: 'MODEL_DIED', retryAfterSeconds: 8 };
    const runtime: Runtime = Object.create(sample.runtime, { health: { value: health } });
    const server = await startServer(runtime, { port: 0 });
    const reply = await fetch(`${server.url}/health`);
    expect([reply.status, await reply.json()]).toEqual([503, expect.objectContaining(health)]);
    await server.close();
  });
});
