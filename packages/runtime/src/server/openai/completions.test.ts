import type OpenAI from 'openai';
import { BadRequestError } from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../../testing/serve-sample.ts';

const sample = await serveSample();
const { client } = sample;
afterAll(() => sample.close());

type Params = OpenAI.CompletionCreateParamsNonStreaming;
const prompt = 'Once upon a time';
const complete = (fields: object = {}) =>
  client.completions.create({ model: 'sample:base', prompt, max_tokens: 8, ...fields } as Params);

async function post<T>(path: string, body: object): Promise<{ status: number; body: T }> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(sample.server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: reply.status, body: (await reply.json()) as T };
}

/** Every option that the client knows. A new one in its types fails the type check here. */
const ALL_NULL: Record<Exclude<keyof Params, 'prompt' | 'model'>, null> = {
  best_of: null,
  echo: null,
  frequency_penalty: null,
  logit_bias: null,
  logprobs: null,
  max_tokens: null,
  n: null,
  presence_penalty: null,
  seed: null,
  stop: null,
  stream: null,
  stream_options: null,
  suffix: null,
  temperature: null,
  top_p: null,
  user: null,
};

describe('text completions', () => {
  it('continue a text without a chat template, streamed or not, with routing headers', async () => {
    const { data, response } = await client.completions
      .create({ model: 'sample:base', prompt, max_tokens: 8 })
      .withResponse();
    expect(data.object).toBe('text_completion');
    expect(data.choices[0]!.finish_reason).toBe('length');
    expect(data.choices[0]!.logprobs).toBeNull();
    expect(data.usage).toMatchObject({ completion_tokens: 8, total_tokens: data.usage!.prompt_tokens + 8 });
    expect(response.headers.get('x-cogumi-route')).toBe('base');
    expect(response.headers.get('x-cogumi-bundle')).toBe(sample.runtime.served.digest);
    const stream = await client.completions.create({
      ...{ model: 'sample:base', prompt, max_tokens: 8 },
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(data.choices[0]!.text);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('length');
    expect(chunks.at(-1)!.usage).toEqual(data.usage);
  });

  it('are the same for the ids of the prompt, and for a list of one prompt', async () => {
    const { body } = await post<{ tokens: number[] }>('/tokenize', { content: prompt, add_special: true });
    const { choices } = await complete();
    for (const same of [body.tokens, [body.tokens], [prompt]]) {
      expect((await complete({ prompt: same })).choices[0]!.text).toBe(choices[0]!.text);
    }
  });

  it('are routed by their text', async () => {
    const { response } = await client.completions.create({ model: 'sample', prompt, max_tokens: 1 }).withResponse();
    expect(response.headers.get('x-cogumi-route')).toBe('code');
    const ids = await client.completions.create({ model: 'sample', prompt: [1, 5, 6], max_tokens: 1 }).withResponse();
    expect(ids.response.headers.get('x-cogumi-route')).toBe('code');
  });

  it('take null for every option', async () => {
    expect((await complete({ ...ALL_NULL })).usage!.completion_tokens).toBe(16);
  });

  it.each([
    [{ prompt: Array(65).fill('a') }, 'prompt'],
    [{ prompt: ['a', [5]] }, 'prompt'],
    [{ prompt: ['a', 'word '.repeat(400)] }, 'prompt'],
    [{ prompt: '', model: 'sample:base' }, null],
    [{ prompt: [32_000] }, 'prompt'],
    [{ prompt: [-1] }, 'prompt[0]'],
    [{ prompt: [1.5] }, 'prompt'],
    [{ prompt: undefined }, 'prompt'],
    [{ suffix: 'x' }, 'suffix'],
    [{ best_of: 2 }, 'best_of'],
    [{ n: 0 }, 'n'],
    [{ logprobs: 21 }, 'logprobs'],
    [{ top_k: -2 }, 'top_k'],
    [{ min_p: 2 }, 'min_p'],
    [{ messages: [] }, 'messages'],
    [{ prompt: 'word '.repeat(400) }, 'prompt'],
  ])('refuse what they do not support by name: %#', async (fields, param) => {
    const error = await complete(fields).catch((reason: unknown) => reason);
    // A model that begins texts with BOS continues an empty one.
    if (param === null) return expect(error).toMatchObject({ object: 'text_completion' });
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as InstanceType<typeof BadRequestError>).param).toBe(param);
  });
});

describe('/tokenize and /detokenize', () => {
  it('turn a text into ids and back', async () => {
    const { body } = await post<{ tokens: number[] }>('/tokenize', { content: 'Hello, 汉!' });
    expect(body.tokens.length).toBeGreaterThan(3);
    expect((await post('/detokenize', body)).body).toEqual({ content: 'Hello, 汉!' });
  });

  it('take names of control tokens as tokens or as text', async () => {
    const count = async (fields: object) =>
      (await post<{ tokens: number[] }>('/tokenize', { content: '</s>', ...fields })).body.tokens.length;
    expect(await count({})).toBe(1);
    expect(await count({ add_special: true })).toBe(2);
    expect(await count({ parse_special: false })).toBeGreaterThan(1);
    expect((await post('/detokenize', { tokens: [2] })).body).toEqual({ content: '</s>' });
  });

  it.each([
    ['/tokenize', {}, 'content'],
    ['/tokenize', { content: 1 }, 'content'],
    ['/tokenize', { content: 'x', with_pieces: true }, 'with_pieces'],
    ['/tokenize', { content: '\n'.repeat(400_000) }, 'content'],
    ['/detokenize', { tokens: [32_000] }, 'tokens'],
    ['/detokenize', { tokens: [0.5] }, 'tokens[0]'],
    ['/detokenize', { tokens: Array(300).fill(5) }, 'tokens'],
  ])('%s refuses a bad body by name: %#', async (path, body, param) => {
    expect(await post(path, body)).toMatchObject({ status: 400, body: { error: { param } } });
  });
});
