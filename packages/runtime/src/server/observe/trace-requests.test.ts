import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';
import { startTracing, type Tracing } from './start-tracing.ts';

interface Span {
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number };
}

/** A collector that keeps what it is sent. */
const received: { resource: unknown; spans: Span[] }[] = [];
const paths: string[] = [];
const collector = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  request.on('end', () => {
    paths.push(`${request.url} ${request.headers['content-type']} ${request.headers.authorization}`);
    for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
      received.push({ resource, spans: scopeSpans.flatMap(({ spans }: { spans: Span[] }) => spans) });
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
const spans = () => received.flatMap((each) => each.spans);
const attributesOf = (span: Span | undefined) =>
  Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => {
      const plain = (given: Record<string, unknown>): unknown => {
        if ('intValue' in given) return Number(given.intValue);
        const list = (given.arrayValue as { values: Record<string, unknown>[] } | undefined)?.values;
        return list ? list.map(plain) : Object.values(given)[0];
      };
      return [key, plain(value)];
    }),
  );

let sample: ServedSample;
const environment: Record<string, string> = {};
beforeAll(async () => {
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  environment.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  environment.OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer collector';
  environment.OTEL_RESOURCE_ATTRIBUTES = 'deployment.environment.name=test';
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  sample = await serveSample();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await sample?.close();
  collector.close();
});

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

/** Serves with traces, sends requests, and answers the spans that have come. */
async function traced(extra: Record<string, string>, send: (url: string) => Promise<void>): Promise<Span[]> {
  const { startServer } = await import('../start-server.ts');
  const tracing = (await startTracing({ ...environment, ...extra }, (error) => {
    throw error;
  })) as Tracing;
  const server = await startServer(sample.runtime, { port: 0, observers: [tracing.observer] });
  const before = spans().length;
  await send(server.url);
  await server.close();
  await tracing.close();
  return spans().slice(before);
}

const post = (url: string, body: object, headers: Record<string, string> = {}, path = '/v1/chat/completions') =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }).then((reply) => reply.text());

describe('spans', () => {
  it('continue the trace of the client, with the attributes of the conventions and without content', async () => {
    const [span, ...others] = await traced({}, async (url) => {
      const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, 'x-request-id': 'order-17' };
      await post(url, { model: 'sample', messages, max_tokens: 5, temperature: 0.5, seed: 3, stop: ['x1x'] }, headers);
      // Neither of these is a request for text.
      await fetch(`${url}/v1/models`);
      await post(url, { model: 'smaple', messages }, headers);
    });
    expect(others).toEqual([]);
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, name: 'chat sample', kind: 2 });
    expect(attributesOf(span)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'cogumi',
      'gen_ai.request.model': 'sample',
      'gen_ai.request.max_tokens': 5,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.seed': 3,
      'gen_ai.request.stop_sequences': ['x1x'],
      'gen_ai.response.model': 'sample:code',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.usage.output_tokens': 5,
      'http.response.status_code': 200,
      'cogumi.request.id': 'order-17',
      'cogumi.route': 'code',
      'cogumi.route.reason': 'router',
    });
    expect(attributesOf(span)['gen_ai.usage.input_tokens']).toBeGreaterThan(5);
    const lastedNs = BigInt(span!.endTimeUnixNano) - BigInt(span!.startTimeUnixNano);
    expect(lastedNs > 0n && lastedNs < 60_000_000_000n).toBe(true);
    expect(JSON.stringify(received)).not.toContain('how are you');
    expect(paths.at(-1)).toBe('/v1/traces application/json Bearer collector');
    const resource = JSON.stringify(received.at(-1)?.resource);
    for (const part of ['cogumi', 'deployment.environment.name', '"test"']) expect(resource).toContain(part);
  });

  it('have the content when it is asked for, streamed and not', async () => {
    const asked = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' };
    let text = '';
    const [whole, streamed, completed] = await traced(asked, async (url) => {
      const body = { model: 'sample:base', messages, max_tokens: 6 };
      text = JSON.parse(await post(url, body)).choices[0].message.content;
      await post(url, { ...body, stream: true });
      await post(url, { model: 'sample:base', prompt: 'Once', max_tokens: 2 }, {}, '/v1/completions');
    });
    for (const span of [whole, streamed]) {
      const { 'gen_ai.input.messages': input, 'gen_ai.output.messages': output } = attributesOf(span);
      expect(JSON.parse(String(input))).toEqual([
        { role: 'user', parts: [{ type: 'text', content: messages[0]?.content }] },
      ]);
      expect(JSON.parse(String(output))).toEqual([
        { role: 'assistant', parts: [{ type: 'text', content: text }], finish_reason: 'length' },
      ]);
    }
    expect(completed?.name).toBe('text_completion sample:base');
    expect(JSON.parse(String(attributesOf(completed)['gen_ai.input.messages']))[0].parts[0].content).toBe('Once');
  });

  it('begin a trace of their own where traceparent is wrong', async () => {
    const wrong = ['', 'x', `00-${'0'.repeat(32)}-${PARENT}-01`, `00-${TRACE}-${PARENT}`, `ff-${TRACE}-${PARENT}-01`];
    const own = await traced({}, async (url) => {
      for (const traceparent of wrong) await post(url, { messages, max_tokens: 1 }, { traceparent });
    });
    expect(own).toHaveLength(wrong.length);
    for (const span of own) expect([span.parentSpanId ?? '', span.traceId === TRACE]).toEqual(['', false]);
  });

  it('are not sent unless a collector is named, and a name that is none is refused', async () => {
    const start = (extra: Record<string, string>) => startTracing({ ...extra }, () => {});
    expect(await start({})).toBeNull();
    expect(await start({ ...environment, OTEL_SDK_DISABLED: 'true' })).toBeNull();
    expect(await start({ ...environment, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
    await expect(start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' })).rejects.toMatchObject({
      code: 'OTEL_ENDPOINT',
      message: expect.stringContaining('"localhost:4318"'),
      hint: expect.stringContaining('http://localhost:4318'),
    });
    await expect(start({ ...environment, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).rejects.toMatchObject({
      code: 'OTEL_PROTOCOL',
      message: expect.stringContaining('"grpc"'),
    });
  });

  it('cannot be sent: the log says to whom and why, answers go on, and the end does not wait for long', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { startServer } = await import('../start-server.ts');
    for (const [endpoint, why] of [
      [`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, /no answer within 2 s/],
      // Two addresses, and nobody at either: port 1 is reserved.
      ['http://localhost:1', /ECONNREFUSED|no answer within 2 s/],
    ] as const) {
      vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
      // The exporter itself would wait for an hour.
      vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '3600000');
      const problems: string[] = [];
      const tracing = (await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, ({ code, message }) =>
        problems.push(`${code}: ${message}`),
      )) as Tracing;
      const server = await startServer(sample.runtime, { port: 0, observers: [tracing.observer] });
      expect(JSON.parse(await post(server.url, { messages, max_tokens: 1 }))).toHaveProperty('choices');
      await server.close();
      await tracing.close();
      expect(problems).toEqual([expect.stringMatching(why)]);
      expect(problems[0]).toContain(`SPANS_UNSENT: The collector ${endpoint} took no spans: `);
    }
    silent.closeAllConnections();
    silent.close();
  });
});
