import { writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRuntime } from '../open-bundle.ts';
import type { Runtime } from '../runtime.ts';
import { LONG_CONTEXT } from '../testing/open-sample.ts';
import { sampleBundle, tarOf } from '../testing/sample-bundle.ts';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { tinyModel } from '../testing/tiny-model.ts';
import { type RunningServer, startServer } from './start-server.ts';

let folder: string;
let runtime: Runtime;
let server: RunningServer;
let client: OpenAI;
let sample: ServedSample | undefined;
/** Its answers are still running when a client hangs up. */
let long: ServedSample;

beforeAll(async () => {
  [sample, long] = await Promise.all([serveSample(), serveSample({ contextTokens: LONG_CONTEXT })]);
  ({ folder, runtime, server, client } = sample);
});
afterAll(() => Promise.all([sample?.close(), long?.close()]));

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const ask = (extra: object = {}) =>
  client.chat.completions.create({ model: 'sample', messages, max_tokens: 8, ...extra, stream: false });

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(body: string, path = '/v1/chat/completions', method = 'POST') {
  const response = await fetch(server.url + path, { method, body: method === 'GET' ? null : body, headers: JSON_TYPE });
  return {
    status: response.status,
    body: (await response.json()) as { error: Record<string, unknown> },
    headers: response.headers,
  };
}

describe('the official client, unmodified', () => {
  it('gets a plain answer with usage', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'sample', messages, max_tokens: 8 })
      .withResponse();
    expect(data.object).toBe('chat.completion');
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]!.message.role).toBe('assistant');
    expect(data.choices[0]!.message.content!.length).toBeGreaterThan(0);
    expect(data.choices[0]!.finish_reason).toBe('length');
    expect(data.usage).toMatchObject({ completion_tokens: 8, total_tokens: data.usage!.prompt_tokens + 8 });
    expect((data as { _request_id?: string })._request_id).toBe(response.headers.get('x-request-id'));
    expect(response.headers.get('x-cogumi-route')).toBe('code');
    expect(response.headers.get('x-cogumi-confidence')).toBe('0.9000');
    expect(Number(response.headers.get('x-cogumi-perplexity'))).toBeGreaterThan(1);
    expect(response.headers.get('x-cogumi-bundle')).toBe(runtime.served.digest);
  });

  it('gets the same text streamed, with usage in a separate chunk', async () => {
    const plain = await ask();
    const stream = await client.chat.completions.create({
      model: 'sample',
      messages,
      max_tokens: 8,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks[0]!.choices[0]!.delta.role).toBe('assistant');
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      plain.choices[0]!.message.content,
    );
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('length');
    expect(chunks.at(-1)!.choices).toEqual([]);
    expect(chunks.at(-1)!.usage).toEqual(plain.usage);
    expect(chunks.slice(0, -1).every((chunk) => !chunk.usage)).toBe(true);
  });

  it('chooses base or modifier by name, and their answers differ', async () => {
    const texts = new Map<string, string | null>();
    for (const model of ['sample:base', 'sample:code', 'sample:reasoning']) {
      const { data, response } = await client.chat.completions
        .create({ model, messages, max_tokens: 12 })
        .withResponse();
      expect(response.headers.get('x-cogumi-route')).toBe(model.split(':')[1]);
      expect(response.headers.get('x-cogumi-reason')).toBe('chosen');
      texts.set(model, data.choices[0]!.message.content);
    }
    expect(new Set(texts.values()).size).toBe(3);
    const routed = await ask({ max_tokens: 12 });
    expect(routed.choices[0]!.message.content).toBe(texts.get('sample:code'));
  });

  it('lists models with root and parent', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['sample', 'sample:base', 'sample:code', 'sample:reasoning']);
    expect(await client.models.retrieve('sample:code')).toMatchObject({
      root: 'sample',
      parent: 'sample',
      owned_by: 'cogumi',
    });
    await expect(client.models.retrieve('sample:cod')).rejects.toThrow('Did you mean "sample:code"?');
  });

  it('repeats a sampled answer with the same seed, and stops at a stop text', async () => {
    const sampled = { temperature: 1.5, seed: 7, max_tokens: 16 };
    const one = await ask(sampled);
    expect((await ask(sampled)).choices[0]!.message.content).toBe(one.choices[0]!.message.content);
    expect((await ask({ ...sampled, seed: 8 })).choices[0]!.message.content).not.toBe(one.choices[0]!.message.content);
    const greedy = (await ask()).choices[0]!.message.content!;
    const stop = greedy.slice(4, 7);
    const stopped = (await ask({ stop: [stop] })).choices[0]!;
    expect(stopped.finish_reason).toBe('stop');
    expect(stopped.message.content).toBe(greedy.slice(0, greedy.indexOf(stop)));
  });

  it('accepts the optional fields that clients send by default', async () => {
    const answer = await ask({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi ' },
            { type: 'text', text: 'there' },
          ],
        },
        { role: 'assistant', content: 'Hello.', refusal: null },
        { role: 'user', content: 'And now?', name: 'ann' },
      ],
      max_tokens: null,
      max_completion_tokens: 4,
      n: 1,
      tools: [],
      response_format: { type: 'text' },
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: null,
      logprobs: false,
      user: 'u',
      top_p: 1,
      store: false,
      stream_options: null,
    });
    expect(answer.usage!.completion_tokens).toBe(4);
  });

  it('gets typed errors that name the field', async () => {
    const refused = async (
      extra: object,
      type: typeof BadRequestError | typeof NotFoundError,
      param: string,
      code: string,
    ) => {
      const error = (await ask(extra).catch((reason: unknown) => reason)) as InstanceType<typeof BadRequestError>;
      expect(error).toBeInstanceOf(type);
      expect({ param: error.param, code: error.code, type: error.type }).toEqual({
        param,
        code,
        type: 'invalid_request_error',
      });
      return error.message;
    };
    expect(await refused({ model: 'smaple' }, NotFoundError, 'model', 'model_not_found')).toContain(
      'Did you mean "sample"?',
    );
    expect(await refused({ temprature: 1 }, BadRequestError, 'temprature', 'unknown_parameter')).toContain(
      '"temperature"',
    );
    await refused({ n: 9 }, BadRequestError, 'n', 'invalid_value');
    await refused({ tools: [{ type: 'function' }] }, BadRequestError, 'tools[0].function', 'invalid_value');
    await refused({ response_format: { type: 'xml' } }, BadRequestError, 'response_format.type', 'invalid_value');
    await refused({ top_logprobs: 2 }, BadRequestError, 'top_logprobs', 'invalid_value');
    await refused({ logit_bias: { 32000: 1 } }, BadRequestError, 'logit_bias', 'invalid_value');
    await refused({ logit_bias: { a: 1 } }, BadRequestError, 'logit_bias.a', 'invalid_value');
    expect(await refused({ temperature: 3 }, BadRequestError, 'temperature', 'invalid_value')).toContain('got 3');
    expect(await refused({ stop: Array(9).fill('x') }, BadRequestError, 'stop', 'invalid_value')).toContain(
      'at most 4',
    );
    await refused({ messages: [] }, BadRequestError, 'messages', 'invalid_value');
    await refused(
      { messages: [{ role: 'user', content: 'x', who: 1 }] },
      BadRequestError,
      'messages[0].who',
      'unknown_parameter',
    );
    const image = [{ type: 'image_url', image_url: { url: 'data:,' } }];
    await refused(
      { messages: [{ role: 'user', content: image }] },
      BadRequestError,
      'messages[0].content',
      'invalid_value',
    );
    await refused({ max_tokens: 1, max_completion_tokens: 2 }, BadRequestError, 'max_tokens', 'invalid_value');
    await refused({ stream_options: { include_usage: true } }, BadRequestError, 'stream_options', 'invalid_value');
    const long = [{ role: 'user', content: 'word '.repeat(400) }];
    // A SentencePiece tokenizer would need minutes for this whole text.
    const hostile = [{ role: 'user', content: '\n'.repeat(400_000) }];
    await refused({ messages: hostile }, BadRequestError, 'messages', 'context_length_exceeded');
    expect(await refused({ messages: long }, BadRequestError, 'messages', 'context_length_exceeded')).toMatch(
      /\d+ tokens; the context holds 256/,
    );
  });
});

describe('the server, for bad requests,', () => {
  it('returns the same error shape for bad JSON, wrong types, unknown paths and wrong methods', async () => {
    expect(await post('{"model": ')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_json', param: null } },
    });
    expect(await post('[1]')).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
    expect(await post('')).toMatchObject({ status: 400, body: { error: { code: 'invalid_json' } } });
    const deep = `{"messages":[{"role":"user","content":"Hi"}],"metadata":${'{"a":'.repeat(90_000)}1${'}'.repeat(90_001)}`;
    expect(await post(deep)).toMatchObject({ status: 400, body: { error: { code: 'invalid_json' } } });
    expect(await post('{}', '/v1/images')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const wrong = await post('', '/v1/chat/completions', 'GET');
    expect(wrong).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(wrong.headers.get('allow')).toBe('POST');
    expect(wrong.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('refuses a body of 10 MB, with or without content-length, before its end', async () => {
    const body = JSON.stringify({ model: 'sample', messages: [{ role: 'user', content: 'x'.repeat(10 * 2 ** 20) }] });
    for (const text of [body, body.slice(0, 1_800_000)]) {
      const refused = await post(text);
      expect(refused).toMatchObject({ status: 413, body: { error: { code: 'body_too_large' } } });
      expect(refused.headers.get('connection')).toBe('close');
      expect((await post('{')).status).toBe(400);
    }
    const status = await new Promise<number>((resolve, reject) => {
      // Without a content-length the server has to count. It may close the connection before everything is sent.
      const sent = httpRequest(
        `${server.url}/v1/chat/completions`,
        { method: 'POST', headers: JSON_TYPE },
        (response) => {
          response.resume();
          resolve(response.statusCode!);
        },
      );
      sent.on('error', reject);
      sent.write(body.slice(0, 3 * 2 ** 20));
      sent.end(body.slice(3 * 2 ** 20));
    });
    expect(status).toBe(413);
    expect((await ask()).choices).toHaveLength(1);
  });

  it('stops decoding when the client hangs up, streamed or not, and serves the next request', async () => {
    const ends: string[] = [];
    let begun = () => {};
    const watched: Runtime = Object.create(long.runtime, {
      answer: {
        value: async (...given: Parameters<Runtime['answer']>) => {
          const answer = await long.runtime.answer(...given);
          const pieces = (async function* () {
            for await (const piece of answer.pieces) {
              if (piece.kind === 'end') ends.push(piece.finishReason);
              yield piece;
              begun();
            }
          })();
          return { ...answer, pieces };
        },
      },
    });
    const other = await startServer(watched, { port: 0 });
    const impatient = new OpenAI({ baseURL: `${other.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const stream = await impatient.chat.completions.create({ model: 'sample', messages, stream: true });
    for await (const _ of stream) break;
    await expect.poll(() => ends).toEqual(['cancelled']);

    const hangUp = new AbortController();
    begun = () => hangUp.abort();
    const plain = impatient.chat.completions.create({ model: 'sample', messages }, { signal: hangUp.signal });
    await expect(plain).rejects.toThrow('aborted');
    begun = () => {};
    await expect.poll(() => ends).toEqual(['cancelled', 'cancelled']);
    const next = await impatient.chat.completions.create({ model: 'sample', messages, max_tokens: 4 });
    expect(next.choices[0]!.finish_reason).toBe('length');
    await other.close();
  });
});

describe('the server', () => {
  it('survives a crash of the model: an error in the stream, then it answers again', async () => {
    const own = long.client.chat.completions;
    const stream = await own.create({ model: 'sample', messages, stream: true });
    const { modelPid } = long.runtime;
    const reading = (async () => {
      let killed = false;
      for await (const _ of stream) {
        if (!killed) process.kill(modelPid as number, 'SIGKILL');
        killed = true;
      }
    })();
    await expect(reading).rejects.toThrow("The model's process ended");
    const next = await own.create({ model: 'sample', messages, max_tokens: 8 });
    expect(next.choices[0]!.finish_reason).toBe('length');
  });

  it('limits the context to 8,192 tokens unless another limit is set', async () => {
    const path = join(folder, 'long.cogumi');
    await writeFile(path, tarOf(sampleBundle({ base: await tinyModel({ contextTokens: 32_768 }) })));
    const contexts: number[] = [];
    for (const options of [{}, { contextTokens: 512 }, { contextTokens: 100_000 }]) {
      const opened = await openRuntime(path, { cache: folder, threads: 1, sequences: 1, ...options });
      contexts.push(opened.contextTokens);
      await opened.close();
    }
    expect(contexts).toEqual([8192, 512, 32_768]);
  });

  it('serves its health and a page', async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({
      status: 'ok',
      bundle: 'sample',
      digest: runtime.served.digest,
    });
    expect(await (await fetch(server.url)).text()).toContain('<!doctype html>');
  });

  it('lets a running answer end when it is closed, and refuses new requests', async () => {
    const other = await startServer(runtime, { port: 0 });
    const own = new OpenAI({ baseURL: `${other.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const stream = await own.chat.completions.create({ model: 'sample', messages, max_tokens: 100, stream: true });
    let closed: Promise<void> | null = null;
    let reason: string | null = null;
    for await (const chunk of stream) {
      closed ??= other.close();
      reason = chunk.choices[0]!.finish_reason;
    }
    expect(reason).toBe('length');
    await closed;
    await expect(own.models.list()).rejects.toThrow('Connection error');
  });

  it('names a free port to try if its port is in use', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startServer(runtime, { port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      hint: expect.stringContaining(`--port ${port + 1}`),
    });
  });
});
