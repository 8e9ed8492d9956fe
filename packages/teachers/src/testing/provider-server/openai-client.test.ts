import OpenAI, {
  APIConnectionError,
  APIError,
  AuthenticationError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  toFile,
} from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { outcomeSchedule } from './fault-schedule.ts';
import type { Fault } from './faults.ts';
import { type ProviderServer, type ProviderServerOptions, startProviderServer } from './start-provider-server.ts';

let server: ProviderServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function open(options: ProviderServerOptions = {}, apiKey = 'test-key'): Promise<OpenAI> {
  server = await startProviderServer(options);
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 });
}
const messages = [{ role: 'user' as const, content: 'one two three four' }];

describe('the provider server with the official OpenAI client', () => {
  it('answers without streaming, with usage and a request id', async () => {
    const client = await open();
    const reply = await client.chat.completions.create({ model: 'small', messages });
    expect(reply.choices[0]!.message.content).toBe('one two three four');
    expect(reply.choices[0]!.finish_reason).toBe('stop');
    // 18 characters are 5 tokens of up to four.
    expect(reply.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 });
    expect(reply._request_id).toBe('req_1');
  });

  it('streams the same text, truncated at max_tokens, with usage in a separate chunk', async () => {
    const client = await open();
    const stream = { stream: true, stream_options: { include_usage: true } } as const;
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({
      model: 'small',
      messages,
      max_tokens: 2,
      ...stream,
    })) {
      chunks.push(chunk);
    }
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('one two ');
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('length');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
    expect(server!.log.total()).toEqual({ inputTokens: 5, outputTokens: 2 });
  });

  it('lists and shows its models', async () => {
    const client = await open();
    const names = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names).toEqual(['small', 'large']);
    expect(await client.models.retrieve('large')).toMatchObject({ id: 'large', object: 'model' });
  });

  it.each([
    [401, AuthenticationError, 'wrong', undefined],
    [404, NotFoundError, 'test-key', undefined],
    [429, RateLimitError, 'test-key', { kind: 'status', status: 429 }],
    [500, InternalServerError, 'test-key', { kind: 'status', status: 500 }],
  ] as const)('gives the class of error %i', async (status, type, key, fault) => {
    const client = await open({ fault: () => (fault as Fault | undefined) ?? null }, key);
    const failed = client.chat.completions.create({ model: status === 404 ? 'none' : 'small', messages });
    await expect(failed).rejects.toBeInstanceOf(type);
    await expect(failed).rejects.toMatchObject({ status });
    expect(server!.log.charged()).toEqual([]);
  });

  it('reports insufficient_quota by code, and ends a stream early', async () => {
    const faults: Fault[] = [
      { kind: 'status', status: 429, code: 'insufficient_quota' },
      { kind: 'stream-error', after: 1 },
      { kind: 'cut', after: 1 },
    ];
    const client = await open({ fault: ({ number }) => faults[number - 1]! });
    const ask = async () => {
      for await (const _ of await client.chat.completions.create({ model: 'small', messages, stream: true }));
    };
    await expect(ask()).rejects.toMatchObject({ status: 429, code: 'insufficient_quota' });
    await expect(ask()).rejects.toBeInstanceOf(APIError);
    await expect(ask()).rejects.toThrow('terminated');
    // The prompt and one token each.
    expect(server!.log.total()).toEqual({ inputTokens: 10, outputTokens: 2 });
  });

  it('answers the retries of the client', async () => {
    server = await startProviderServer({
      fault: ({ before }) =>
        before === 0 ? { kind: 'status', status: 429, headers: { 'retry-after-ms': '1' } } : null,
    });
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'test-key' });
    expect((await client.chat.completions.create({ model: 'small', messages })).choices).toHaveLength(1);
    expect(server.log.requests.map(({ status }) => status)).toEqual([429, 200]);
  });

  it('resets connections', async () => {
    const client = await open({ fault: () => ({ kind: 'reset', ran: true }) });
    await expect(client.chat.completions.create({ model: 'small', messages })).rejects.toBeInstanceOf(
      APIConnectionError,
    );
    expect(server!.log.charged()).toMatchObject([{ delivered: false }]);
  });

  it('runs a batch from a file, with polls, expired requests and paged lists', async () => {
    const client = await open({
      batch: () => ({ polls: 1, reversed: true, outcome: outcomeSchedule('s', 'expired', 0.3) }),
    });
    const line = (id: number) => {
      const body = { model: 'small', messages: [{ role: 'user', content: `question ${id}` }] };
      return JSON.stringify({ custom_id: `r${id}`, method: 'POST', url: '/v1/chat/completions', body });
    };
    const text = Array.from({ length: 40 }, (_, id) => line(id)).join('\n');
    const file = await client.files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' });
    const { id } = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { mine: 'yes' },
    });
    expect((await client.batches.retrieve(id)).status).toBe('in_progress');
    const batch = await client.batches.retrieve(id);
    expect(batch).toMatchObject({ status: 'expired', request_counts: { total: 40 }, metadata: { mine: 'yes' } });
    const output = await (await client.files.content(batch.output_file_id!)).text();
    const errors = await (await client.files.content(batch.error_file_id!)).text();
    const [done, failed] = [output, errors].map((lines) =>
      lines
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row)),
    );
    expect(done!.length + failed!.length).toBe(40);
    expect(failed!.length).toBe(batch.request_counts!.failed);
    expect(failed![0].error.code).toBe('batch_expired');
    expect(done![0].response.body.choices[0].message.content).toMatch(/^question \d+$/);
    expect(server!.log.charged()).toHaveLength(done!.length);
    expect(server!.log.charged().every(({ delivered }) => delivered)).toBe(true);

    const seen = [];
    for await (const found of client.batches.list({ limit: 1 })) seen.push(found.id);
    expect(seen).toEqual([id]);
    await expect(client.batches.retrieve('batch_none')).rejects.toBeInstanceOf(NotFoundError);
  });
});
