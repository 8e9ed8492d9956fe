import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { serve } from '@cogumi/pure/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChatCall, type Provider, ProviderError, type RateLimits } from '../provider.ts';
import type { Fault } from '../testing/provider-server/faults.ts';
import {
  type ProviderServer,
  type ProviderServerOptions,
  startProviderServer,
} from '../testing/provider-server/start-provider-server.ts';
import { anthropic } from './anthropic.ts';
import type { Timeouts } from './http/endpoint.ts';
import { openAiCompatible } from './openai-compatible.ts';

let server: ProviderServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const KEY = 'sk-test-4711';
const calm = new AbortController().signal;
const call: ChatCall = {
  model: 'small',
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'Wie heißt du? 😀 one two three' },
  ],
  maxTokens: 100,
  temperature: 0.5,
  schema: null,
  question: null,
};

/** The same tests for both protocols, with and without streaming. */
const KINDS = (['openai', 'anthropic'] as const).flatMap((kind) => [true, false].map((stream) => ({ kind, stream })));
type Kind = (typeof KINDS)[number];

function providerAt(url: string, { kind, stream }: Kind, timeouts: Partial<Timeouts> = {}, key = KEY): Provider {
  const options = { provider: kind, key, keyVariable: 'TEST_KEY', urlVariable: 'TEST_URL', timeouts, stream };
  return kind === 'anthropic'
    ? anthropic({ ...options, baseUrl: url, findPollMs: 1 })
    : openAiCompatible({ ...options, baseUrl: `${url}/v1`, batches: true });
}

async function open(
  kind: Kind,
  options: ProviderServerOptions = {},
  timeouts: Partial<Timeouts> = {},
): Promise<Provider> {
  server = await startProviderServer({ key: KEY, ...options });
  return providerAt(server.url, kind, timeouts);
}
const withFault = (kind: Kind, fault: Fault, timeouts?: Partial<Timeouts>) =>
  open(kind, { fault: () => fault }, timeouts);

async function failureOf(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(
    () => null,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error as ProviderError;
}

describe.each(KINDS)('a provider of kind $kind, streamed: $stream', (kind) => {
  it('returns text, tokens, model and request id', async () => {
    const provider = await open(kind);
    const reply = await provider.chat(call, calm);
    // By hand: 9 and 29 characters of prompt are 3 + 8 tokens.
    expect(Array.from(call.messages[1]!.content)).toHaveLength(29);
    expect(reply).toEqual({
      text: 'Wie heißt du? 😀 one two three',
      finish: 'stop',
      usage: { inputTokens: 11, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 8 },
      model: 'small',
      requestId: 'req_1',
    });
    expect(server!.log.charged()).toMatchObject([{ inputTokens: 11, outputTokens: 8, delivered: true }]);
  });

  it('reports a reply that was truncated at its limit, and counts its tokens', async () => {
    const provider = await open(kind);
    const reply = await provider.chat({ ...call, maxTokens: 2 }, calm);
    expect(reply).toMatchObject({ text: 'Wie heiß', finish: 'length', usage: { outputTokens: 2 } });
  });

  it('reports the rate limits of every reply, also of errors', async () => {
    const provider = await withFault(kind, { kind: 'status', status: 429 });
    const heard: RateLimits[] = [];
    await failureOf(provider.chat(call, calm, (limits) => heard.push(limits)));
    expect(heard).toMatchObject([{ requestsLeft: 9999, tokensLeft: 1_999_900 }]);
    const { requestsResetMs, tokensResetMs } = heard[0]!;
    expect(tokensResetMs).toBeGreaterThan(55_000);
    expect(tokensResetMs).toBeLessThanOrEqual(60_000);
    expect(requestsResetMs).toBeGreaterThan(0);
  });

  it('reads a long system prompt from the cache the second time, and counts the whole prompt', async () => {
    const provider = await open(kind);
    const messages = [{ role: 'system' as const, content: 'x'.repeat(8000) }, call.messages[1]!];
    const usages = [];
    for (let time = 0; time < 2; time++) usages.push((await provider.chat({ ...call, messages }, calm)).usage);
    const written = kind.kind === 'anthropic' ? 2000 : 0;
    expect(usages[0]).toMatchObject({ inputTokens: 2008, cacheReadTokens: 0, cacheWriteTokens: written });
    expect(usages[1]).toMatchObject({ inputTokens: 2008, cacheReadTokens: 2000, cacheWriteTokens: 0 });
  });

  it.each([
    [{ kind: 'status', status: 429, headers: { 'retry-after': '7' } }, 'rate-limited', 'nothing', 7000],
    [{ kind: 'status', status: 429 }, 'rate-limited', 'nothing', null],
    [{ kind: 'status', status: 429, code: 'insufficient_quota' }, 'no-funds', 'nothing', null],
    [{ kind: 'status', status: 402 }, 'no-funds', 'nothing', null],
    [{ kind: 'status', status: 400 }, 'bad-request', 'nothing', null],
    [{ kind: 'status', status: 500 }, 'server-error', 'nothing', null],
    [{ kind: 'status', status: 529, headers: { 'retry-after-ms': '250' } }, 'overloaded', 'nothing', 250],
    // A gateway lost the answer: the model may have run.
    [{ kind: 'status', status: 502 }, 'server-error', 'unknown', null],
    [{ kind: 'status', status: 504 }, 'timeout', 'unknown', null],
    [{ kind: 'reset', ran: true }, 'unreachable', 'unknown', null],
    [{ kind: 'cut', after: 0 }, 'cut-short', 'unknown', null],
    [{ kind: 'cut', after: 3 }, 'cut-short', 'unknown', null],
    [{ kind: 'malformed' }, 'malformed', 'unknown', null],
  ] as const)('tells what went wrong and what it may cost: %j', async (fault, failed, charged, retryAfterMs) => {
    const provider = await withFault(kind, fault as Fault);
    const error = await failureOf(provider.chat(call, calm));
    expect(error).toMatchObject({ kind: failed, charged, retryAfterMs });
    expect(error.message).toContain(kind.kind);
    if (charged === 'nothing') expect(server!.log.charged()).toEqual([]);
  });

  it('times out when a server is silent, before and during the reply', async () => {
    const slow = await withFault(kind, { kind: 'slow', ms: 2000 }, { firstByteMs: 50 });
    const late = await failureOf(slow.chat(call, calm));
    expect(late).toMatchObject({ kind: 'timeout', charged: 'unknown' });
    expect(late.message).toContain('0.05 s');
    await server!.close();
    const stalled = await withFault(kind, { kind: 'stall', after: 2 }, { betweenBytesMs: 50 });
    const stopped = await failureOf(stalled.chat(call, calm));
    expect(stopped).toMatchObject({ kind: 'timeout', charged: 'unknown' });
  });

  it('rejects with the reason of the signal at an abort, and closes the connection', async () => {
    const provider = await withFault(kind, { kind: 'stall', after: 2 });
    const stop = new AbortController();
    const asked = provider.chat(call, stop.signal);
    const stopped = expect(asked).rejects.toThrow('enough');
    await expect.poll(() => server!.log.requests).toHaveLength(1);
    stop.abort(new Error('enough'));
    await stopped;
    await expect(provider.chat(call, stop.signal)).rejects.toThrow('enough');
    await expect.poll(() => server!.log.requests).toMatchObject([{ delivered: false }]);
    expect(server!.log.requests).toHaveLength(1);
  });

  it('returns null as usage when the reply has none', async () => {
    const provider = await withFault(kind, { kind: 'no-usage' });
    expect(await provider.chat(call, calm)).toMatchObject({ text: call.messages[1]!.content, usage: null });
  });

  it('names the variable of a refused key and never shows the key, even if the server quotes it', async () => {
    server = await startProviderServer({ key: 'another' });
    const provider = providerAt(server.url, kind);
    for (const ask of [() => provider.chat(call, calm), () => provider.check('small', calm)]) {
      const error = await failureOf(ask());
      expect(error).toMatchObject({ kind: 'unauthorized', charged: 'nothing', retryable: false });
      expect(error.hint).toContain('TEST_KEY');
      expect(`${error.message} ${error.hint} ${error.stack} ${JSON.stringify(error)}`).not.toContain(KEY);
    }
  });

  it('checks that a model exists without running it', async () => {
    const provider = await open(kind);
    await provider.check('small', calm);
    const error = await failureOf(provider.check('smal', calm));
    expect(error).toMatchObject({ kind: 'model-not-found', charged: 'nothing' });
    expect(await failureOf(provider.chat({ ...call, model: 'smal' }, calm))).toMatchObject({ kind: 'model-not-found' });
    expect(server!.log.charged()).toEqual([]);
  });

  it('reports that no server listens, at no cost', async () => {
    server = await startProviderServer();
    const provider = providerAt(server.url, kind);
    await server.close();
    const error = await failureOf(provider.chat(call, calm));
    expect(error).toMatchObject({ kind: 'unreachable', charged: 'nothing' });
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.hint).toContain('TEST_URL');
  });

  it('follows no redirect, so that no other server gets the key', async () => {
    server = await startProviderServer({ key: KEY });
    const target = server.url;
    const moved = await serve((_, response) => response.writeHead(307, { location: `${target}/v1/messages` }).end());
    const error = await failureOf(providerAt(moved.url, kind).chat(call, calm));
    await moved.close();
    expect(error.message).toContain('307');
    expect(server.log.requests).toEqual([]);
  });
});

describe('an error in a stream', () => {
  it.each([
    ['openai', 'server-error'],
    ['anthropic', 'overloaded'],
  ] as const)('has the kind that the provider reports: %s', async (kind, failed) => {
    const provider = await withFault({ kind, stream: true }, { kind: 'stream-error', after: 2 });
    expect(await failureOf(provider.chat(call, calm))).toMatchObject({ kind: failed, charged: 'unknown' });
  });
});

describe('many requests', () => {
  it('run at the same time, over reused connections', async () => {
    let requests = 0;
    const connections = new Set<unknown>();
    const all = Promise.withResolvers<void>();
    const many = await serve(async (request, response) => {
      // Answers come only after 64 requests have arrived.
      if (++requests === 64) all.resolve();
      await all.promise;
      connections.add(request.socket);
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      // The end comes in a separate packet, as from servers behind a proxy.
      await setTimeout(5);
      response.end();
    });
    const provider = providerAt(many.url, { kind: 'openai', stream: true });
    let next = 0;
    const limiter = async () => {
      while (next++ < 640) await provider.chat(call, calm);
    };
    await Promise.all(Array.from({ length: 64 }, limiter));
    await many.close();
    expect(requests).toBe(640);
    // Node opens a further connection when a request comes before the last reply has ended; without reuse there would be 640.
    expect(connections.size).toBeLessThan(320);
  });
});

describe('the log of the server', () => {
  it('identifies the same request over both protocols', async () => {
    for (const kind of KINDS) {
      const provider = await open(kind);
      await provider.chat(call, calm);
      const said = JSON.stringify(['small', call.messages.map(({ role, content }) => [role, content])]);
      expect(server!.log.requests[0]!.asked).toBe(createHash('sha256').update(said).digest('hex'));
      await server!.close();
    }
  });
});
