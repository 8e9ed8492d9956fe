import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LONG_CONTEXT } from '../../testing/open-sample.ts';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';
import { logRequests } from './log-requests.ts';

const lines: string[] = [];
let sample: ServedSample;
beforeAll(async () => {
  sample = await serveSample({ contextTokens: LONG_CONTEXT }, { observers: [logRequests((line) => lines.push(line))] });
});
afterAll(() => sample?.close());

const secret = 'a-word-that-no-log-may-have';
const messages = [{ role: 'user' as const, content: secret }];
const last = () => JSON.parse(lines.at(-1) as string) as Record<string, unknown>;

async function post(body: object, headers: Record<string, string> = {}) {
  return fetch(`${sample.server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('the log of requests', () => {
  it('has one line of JSON for each, with tokens and times and without content', async () => {
    const before = Date.now();
    const reply = await post({ messages, max_tokens: 3, user: secret });
    const { usage } = (await reply.json()) as { usage: Record<string, number> };
    expect(last()).toMatchObject({
      level: 'info',
      event: 'request',
      request_id: reply.headers.get('x-request-id'),
      key: null,
      method: 'POST',
      endpoint: '/v1/chat/completions',
      status: 200,
      error: null,
      model: 'sample',
      route: 'code',
      reason: 'router',
      stream: false,
      prompt_tokens: usage.prompt_tokens,
      completion_tokens: 3,
      finish_reasons: ['length'],
    });
    const { queue_ms, first_token_ms, duration_ms, time } = last() as Record<string, number>;
    expect(queue_ms).toBeLessThanOrEqual(first_token_ms as number);
    expect(first_token_ms).toBeLessThanOrEqual(duration_ms as number);
    expect(Date.parse(String(time))).toBeGreaterThanOrEqual(before);
    expect(Date.parse(String(time))).toBeLessThanOrEqual(Date.now());

    const streamed = await post({ messages, max_tokens: 3, stream: true });
    await streamed.text();
    await expect.poll(() => last().stream).toBe(true);
    expect(last()).toMatchObject({ status: 200, completion_tokens: 3 });

    await (await post({ messages, temperature: secret })).text();
    expect(last()).toMatchObject({ level: 'info', status: 400, error: 'invalid_value' });
    await fetch(`${sample.server.url}/${secret}`);
    expect(last()).toMatchObject({ status: 404, endpoint: null });
    expect(lines).toHaveLength(4);
    expect(lines.join('\n')).not.toContain(secret);
  });

  it('names a client that hangs up with 499', async () => {
    const stream = await sample.client.chat.completions.create({ model: 'sample', messages, stream: true });
    for await (const _ of stream) break;
    await expect.poll(() => last().status).toBe(499);
    expect(last()).toMatchObject({ finish_reasons: ['cancelled'] });
  });
});

describe('the id of a request', () => {
  it("is the client's own if it can stand in a header, in the reply, in errors and in the log", async () => {
    const own = 'order-17:step.2';
    const reply = await post({ messages, max_tokens: 1 }, { 'x-request-id': own });
    expect([reply.headers.get('x-request-id'), reply.headers.get('request-id')]).toEqual([own, own]);
    await reply.text();
    expect(last().request_id).toBe(own);
    const refused = await fetch(`${sample.server.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': own },
      body: '{}',
    });
    expect(await refused.json()).toMatchObject({ type: 'error', request_id: own });
    for (const wrong of ['', 'two words', '{"level":"error"}', 'x'.repeat(129), 'é']) {
      const other = await post({ messages, max_tokens: 1 }, { 'x-request-id': wrong });
      await other.text();
      expect(other.headers.get('x-request-id'), wrong).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('that a client sends twice gives two answers with ids of their own', async () => {
    const headers = { 'x-request-id': 'again' };
    const ids = [];
    for (let at = 0; at < 2; at++) {
      const { id } = (await (await post({ messages, max_tokens: 1 }, headers)).json()) as { id: string };
      ids.push(id);
    }
    expect(new Set(ids).size).toBe(2);
  });
});
