import { serve } from '@cogumi/pure/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatCall } from '../../provider.ts';
import { serveBytes } from '../../testing/provider-server/serve-bytes.ts';
import { anthropic } from '../anthropic.ts';

let close = async () => {};
afterEach(() => close());

const calm = new AbortController().signal;
const call: ChatCall = {
  model: 'claude-sonnet-4-5',
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'hi' },
  ],
  maxTokens: 10,
  temperature: 0.2,
  schema: null,
  question: null,
};
const base = { provider: 'anthropic', key: 'k', keyVariable: null, urlVariable: null };

async function answered(text: string) {
  const server = await serveBytes(text, { headers: { 'request-id': 'req_x' } });
  close = server.close;
  return anthropic({ ...base, baseUrl: server.url }).chat(call, calm);
}
const event = (type: string, more: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const start = (usage: object) => event('message_start', { message: { model: 'claude-x', usage } });
const text = (words: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: words } });
const stop = (reason: string, usage: object) => event('message_delta', { delta: { stop_reason: reason }, usage });

describe('a stream of a message', () => {
  it('returns its text without thinking, and sums the three kinds of input', async () => {
    const reply = await answered(
      start({ input_tokens: 3, cache_creation_input_tokens: 20, cache_read_input_tokens: 100, output_tokens: 1 }) +
        event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '' } }) +
        event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } }) +
        event('ping') +
        event('something_new', { more: [] }) +
        text('Grüße ') +
        text('😀') +
        stop('end_turn', { output_tokens: 9 }) +
        event('message_stop'),
    );
    expect(reply).toEqual({
      text: 'Grüße 😀',
      finish: 'stop',
      usage: { inputTokens: 123, cacheReadTokens: 100, cacheWriteTokens: 20, outputTokens: 9 },
      model: 'claude-x',
      requestId: 'req_x',
    });
  });

  it('uses the last value of every count', async () => {
    const counts = { input_tokens: 5, cache_creation_input_tokens: null, cache_read_input_tokens: 2, output_tokens: 4 };
    const { usage } = await answered(start({ input_tokens: 3, output_tokens: 1 }) + stop('end_turn', counts));
    expect(usage).toEqual({ inputTokens: 7, cacheReadTokens: 2, cacheWriteTokens: 0, outputTokens: 4 });
  });

  it.each([
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'filtered'],
    ['stop_sequence', 'stop'],
  ])('ends with %s as %s', async (reason, finish) => {
    expect((await answered(text('a') + stop(reason, {}))).finish).toBe(finish);
  });

  it('is without usage when only the first count arrived', async () => {
    const begun = start({ input_tokens: 3, output_tokens: 1 }) + text('abc');
    expect((await answered(begun + event('message_delta', { delta: { stop_reason: 'end_turn' } }))).usage).toBeNull();
    await close();
    await expect(answered(begun)).rejects.toMatchObject({ kind: 'cut-short', charged: 'unknown' });
  });

  it('fails with the kind of its error event', async () => {
    const failed = answered(text('a') + event('error', { error: { type: 'rate_limit_error', message: 'later' } }));
    await expect(failed).rejects.toMatchObject({ kind: 'rate-limited', charged: 'unknown' });
    await expect(failed).rejects.toThrow('later');
  });
});

describe('a request', () => {
  async function sent(asked: ChatCall) {
    let heard: unknown = null;
    const server = await serve(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      heard = { path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()) };
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stop('end_turn', {}));
    });
    close = server.close;
    await anthropic({ ...base, baseUrl: `${server.url}/v1/` }).chat(asked, calm);
    return heard as { path: string; headers: object; body: Record<string, unknown> };
  }

  it('has a separate system prompt, and version and key in headers, with or without /v1 in the address', async () => {
    const { path, headers, body } = await sent(call);
    expect(path).toBe('/v1/messages');
    expect(headers).toMatchObject({ 'x-api-key': 'k', 'anthropic-version': '2023-06-01' });
    expect(body).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 10,
      system: 'Be short.',
      messages: [{ role: 'user', content: 'hi' }],
      temperature: 0.2,
      stream: true,
    });
  });

  it('has turns of user and assistant only: the result of a tool is one of the user', async () => {
    const messages = [...call.messages, { role: 'tool' as const, content: '12:00' }];
    const { body } = await sent({ ...call, messages });
    expect(body.messages).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'user', content: 'Result of the tool:\n12:00' },
    ]);
  });

  it('marks a long system prompt for the cache, and sends the schema', async () => {
    const long = 'x'.repeat(4096);
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const messages = [{ role: 'system' as const, content: long }, call.messages[1]!];
    const { body } = await sent({ ...call, messages, schema });
    expect(body.system).toEqual([{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }]);
    expect(body.output_config).toEqual({ format: { type: 'json_schema', schema } });
  });

  it.each([
    ['claude-3-5-haiku-20241022', true],
    ['claude-sonnet-4-20250514', true],
    ['claude-opus-4-6', true],
    ['claude-haiku-4-5-20251001', true],
    ['claude-opus-4-7', false],
    ['claude-sonnet-5-5', false],
    ['claude-haiku-5-5', false],
    ['something-later', false],
  ])('to %s carries a temperature: %s', async (model, carried) => {
    const { body } = await sent({ ...call, model });
    expect('temperature' in body).toBe(carried);
  });
});
