import { serve } from '@cogumi/pure/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChatCall, ProviderError } from '../../provider.ts';
import { serveBytes } from '../../testing/provider-server/serve-bytes.ts';
import { type OpenAiCompatibleOptions, openAiCompatible } from '../openai-compatible.ts';

let close = async () => {};
afterEach(() => close());

const calm = new AbortController().signal;
const call: ChatCall = {
  model: 'gpt-5',
  messages: [{ role: 'user', content: 'hi' }],
  maxTokens: 10,
  temperature: 0.2,
  schema: null,
  question: null,
};
const base = { provider: 'some', key: null, keyVariable: null, urlVariable: null };

async function answered(text: string, options: Parameters<typeof serveBytes>[1] = {}) {
  const server = await serveBytes(text, options);
  close = server.close;
  return openAiCompatible({ ...base, baseUrl: server.url }).chat(call, calm);
}
const chunk = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const piece = (content: string, reason: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason: reason }],
});
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

describe('a stream of chat completions', () => {
  it('is read with CRLF, comments, characters split between packets, unknown fields, and lines without a space', async () => {
    const text = [
      ': OPENROUTER PROCESSING\r\n\r\n',
      `data:${JSON.stringify({ ...piece('Grüße '), system_fingerprint: 'x', id: 'gen-1', model: 'other' })}\r\n\r\n`,
      `event: message\r\nid: 4\r\ndata: ${JSON.stringify(piece('😀\u2028!', 'stop'))}\r\n\r\n`,
      ': keep-alive\r\n\r\n',
      `data: ${JSON.stringify({ choices: [], usage: USAGE })}\r\n\r\n`,
      'data: [DONE]\r\n\r\n',
    ].join('');
    expect(await answered(text, { step: 3 })).toEqual({
      text: 'Grüße 😀\u2028!',
      finish: 'stop',
      usage: { inputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 3 },
      model: 'other',
      requestId: 'gen-1',
    });
  });

  it('may have usage on the last choice, on several chunks, or nowhere', async () => {
    const on = (usage: object) => ({ ...piece('b', 'stop'), usage });
    const early = chunk({ ...piece('a'), usage: { prompt_tokens: 7, completion_tokens: 1 } });
    expect((await answered(early + chunk(on(USAGE)))).usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
    await close();
    expect((await answered(chunk(piece('a', 'stop')) + chunk({ choices: [], usage: null }))).usage).toBeNull();
    await close();
    expect((await answered(chunk(on({ prompt_tokens: -1, completion_tokens: 'x' })))).usage).toBeNull();
  });

  it.each([
    ['OpenAI', { prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 1 } }, 5, 1],
    ['DeepSeek', { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 3 }, 4, 0],
  ])('counts cached tokens as %s names them', async (_, more, cacheReadTokens, cacheWriteTokens) => {
    const { usage } = await answered(chunk({ ...piece('a', 'stop'), usage: { ...USAGE, ...more } }));
    expect(usage).toEqual({ inputTokens: 7, cacheReadTokens, cacheWriteTokens, outputTokens: 3 });
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'filtered'],
    ['tool_calls', 'stop'],
    ['something_new', 'stop'],
  ])('ends with %s as %s', async (reason, finish) => {
    expect(await answered(chunk(piece('a', reason)))).toMatchObject({ text: 'a', finish });
  });

  it('is filtered when the model refuses', async () => {
    const refusal = { choices: [{ delta: { refusal: 'No.' }, finish_reason: 'stop' }] };
    expect(await answered(chunk(refusal))).toMatchObject({ text: '', finish: 'filtered' });
  });

  it.each([
    ['an error object', { error: { message: 'Upstream is down', code: 502 } }, 'server-error', 'Upstream is down'],
    ['a rate limit', { error: { message: 'slow', code: 429 }, ...piece('', 'error') }, 'rate-limited', 'slow'],
    ['a finish_reason of error', piece('', 'error'), 'server-error', 'finish_reason is error'],
    ['a name that every object has', { error: { message: 'odd', code: 'constructor' } }, 'server-error', 'odd'],
  ])('fails on %s in the middle, and may have cost something', async (_, last, kind, words) => {
    const failed = answered(`${chunk(piece('a')) + chunk(last)}data: [DONE]\n\n`);
    await expect(failed).rejects.toMatchObject({ kind, charged: 'unknown' });
    await expect(failed).rejects.toThrow(words);
  });

  it('is incomplete without a finish_reason, and complete with one, even without [DONE]', async () => {
    await expect(answered(`${chunk(piece('a'))}data: [DONE]\n\n`)).rejects.toMatchObject({ kind: 'cut-short' });
    await close();
    await expect(answered('')).rejects.toMatchObject({ kind: 'cut-short', charged: 'unknown' });
    await close();
    expect(await answered(chunk(piece('a', 'stop')))).toMatchObject({ text: 'a', usage: null });
  });

  it('is complete when the connection breaks after the finish_reason', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk(piece('all', 'stop')), () => setTimeout(() => response.destroy(), 10));
    });
    close = server.close;
    const reply = await openAiCompatible({ ...base, baseUrl: server.url }).chat(call, calm);
    expect(reply).toMatchObject({ text: 'all', finish: 'stop', usage: null });
  });

  it('is malformed when it is an HTML page of a proxy', async () => {
    const page = answered('<html>login</html>', { type: 'text/html' });
    await expect(page).rejects.toMatchObject({ kind: 'malformed', charged: 'unknown' });
  });

  it('may come without streaming although it was requested', async () => {
    const plain = { id: 'c', choices: [{ message: { content: 'plain' }, finish_reason: null }], usage: USAGE };
    expect(await answered(JSON.stringify(plain), { type: 'application/json' })).toMatchObject({
      text: 'plain',
      finish: 'stop',
      requestId: 'c',
    });
    await close();
    const error = JSON.stringify({ error: { code: 400, message: 'Provider returned error' } });
    await expect(answered(error, { type: 'application/json' })).rejects.toMatchObject({
      kind: 'bad-request',
      charged: 'unknown',
    });
  });

  it('times out when a server sends keep-alives only', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(': keep-alive\n\n'), 5);
      response.on('close', () => clearInterval(timer));
    });
    close = server.close;
    const timeouts = { betweenBytesMs: 100, totalMs: 200 };
    const asked = openAiCompatible({ ...base, baseUrl: server.url, timeouts }).chat(call, calm);
    await expect(asked).rejects.toMatchObject({ kind: 'timeout', charged: 'unknown' });
  });
});

describe('a request', () => {
  async function sent(options: Partial<OpenAiCompatibleOptions>, asked: ChatCall = call) {
    let heard: { body: unknown; headers: Record<string, unknown> } | null = null;
    const server = await serve(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      heard = { body: JSON.parse(Buffer.concat(parts).toString()), headers: request.headers };
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunk(piece('a', 'stop')));
    });
    close = server.close;
    await openAiCompatible({ ...base, baseUrl: `${server.url}/`, ...options }).chat(asked, calm);
    return heard as unknown as { body: Record<string, unknown>; headers: Record<string, unknown> };
  }

  it('has exactly the fields of the protocol', async () => {
    const { body, headers } = await sent({ key: 'k' });
    expect(body).toEqual({
      model: 'gpt-5',
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 10,
      temperature: 0.2,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(headers).toMatchObject({ authorization: 'Bearer k', 'content-type': 'application/json' });
  });

  it('uses the newer name of the token limit and no temperature for newer models', async () => {
    const { body, headers } = await sent({ maxTokensField: 'max_completion_tokens', fixedTemperature: /^gpt-5/ });
    expect(body).toMatchObject({ max_completion_tokens: 10 });
    expect(Object.keys(body)).not.toContain('temperature');
    expect(headers).not.toHaveProperty('authorization');
  });

  it('sends the result of a tool as a turn of the user, since a row knows no id of the call', async () => {
    const messages = [
      call.messages[0]!,
      { role: 'assistant' as const, content: '{"name":"clock"}' },
      { role: 'tool' as const, content: '12:00' },
    ];
    const { body } = await sent({}, { ...call, messages });
    expect(body.messages).toEqual([...messages.slice(0, 2), { role: 'user', content: 'Result of the tool:\n12:00' }]);
  });

  it('sends the schema', async () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const { body } = await sent({}, { ...call, schema });
    expect(body.response_format).toEqual({ type: 'json_schema', json_schema: { name: 'reply', strict: true, schema } });
  });
});

describe('a list of models', () => {
  async function check(model: string, reply: unknown, options: Partial<OpenAiCompatibleOptions> = {}) {
    const paths: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      paths.push(request.url);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
    });
    close = server.close;
    await openAiCompatible({ ...base, baseUrl: server.url, ...options }).check(model, calm);
    return paths;
  }
  const list = (...ids: string[]) => ({ object: 'list', data: ids.map((id) => ({ id })) });

  it('may be a bare array, omit tags, or have variants', async () => {
    await check('a', [{ id: 'a' }]);
    await close();
    await check('llama3', list('llama3:latest'), { listing: 'tagged' });
    await close();
    expect(await check('meta/llama:nitro', list('meta/llama'), { listing: 'variant', keyPath: '/key' })).toEqual([
      '/key',
      '/models',
    ]);
  });

  it('suggests the nearest name, and refuses a variant where there are none', async () => {
    await expect(check('gpt-4o-mni', list('gpt-4o', 'gpt-4o-mini'))).rejects.toThrow('did you mean "gpt-4o-mini"');
    await close();
    await expect(check('nano:nope', list('nano', 'nano:code'))).rejects.toBeInstanceOf(ProviderError);
  });
});
