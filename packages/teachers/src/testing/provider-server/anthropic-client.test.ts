import Anthropic, {
  APIConnectionError,
  AuthenticationError,
  InternalServerError,
  NotFoundError,
  OverloadedError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { type ProviderServer, type ProviderServerOptions, startProviderServer } from './start-provider-server.ts';

let server: ProviderServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function open(options: ProviderServerOptions = {}, apiKey = 'test-key'): Promise<Anthropic> {
  server = await startProviderServer(options);
  return new Anthropic({ baseURL: server.url, apiKey, maxRetries: 0 });
}
const question = {
  model: 'small',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'one two three four' }],
};

describe('the provider server with the official Anthropic client', () => {
  it('answers without streaming, with usage and a request id', async () => {
    const client = await open();
    const reply = await client.messages.create(question);
    expect(reply.content).toMatchObject([{ type: 'text', text: 'one two three four' }]);
    expect(reply).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 5, output_tokens: 5 } });
    expect(reply._request_id).toBe('req_1');
  });

  it('streams the same message, truncated at max_tokens', async () => {
    const client = await open();
    const message = await client.messages.stream({ ...question, max_tokens: 2 }).finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: 'one two ' }]);
    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { input_tokens: 5, output_tokens: 2 } });
  });

  it('caches a marked system prompt, and counts it separately', async () => {
    const client = await open();
    const system = [{ type: 'text' as const, text: 'x'.repeat(40), cache_control: { type: 'ephemeral' as const } }];
    const usages = [];
    for (let time = 0; time < 2; time++) usages.push((await client.messages.create({ ...question, system })).usage);
    expect(usages[0]).toMatchObject({ input_tokens: 5, cache_creation_input_tokens: 10, cache_read_input_tokens: 0 });
    expect(usages[1]).toMatchObject({ input_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 10 });
  });

  it('shows its models', async () => {
    const client = await open();
    expect(await client.models.retrieve('small')).toMatchObject({ id: 'small', type: 'model' });
    await expect(client.models.retrieve('none')).rejects.toBeInstanceOf(NotFoundError);
  });

  it.each([
    [401, AuthenticationError, 'authentication_error', 'wrong', null],
    [404, NotFoundError, 'not_found_error', 'test-key', null],
    [429, RateLimitError, 'rate_limit_error', 'test-key', { kind: 'status', status: 429 }],
    [500, InternalServerError, 'api_error', 'test-key', { kind: 'status', status: 500 }],
    [529, OverloadedError, 'overloaded_error', 'test-key', { kind: 'status', status: 529 }],
  ] as const)('gives the class of error %i', async (status, type, said, key, fault) => {
    const client = await open({ fault: () => fault as Fault | null }, key);
    const failed = client.messages.create({ ...question, model: status === 404 ? 'none' : 'small' });
    await expect(failed).rejects.toBeInstanceOf(type);
    await expect(failed).rejects.toMatchObject({ status, type: said, requestID: 'req_1' });
  });

  it('ends a stream early, by an error event and by closing the connection', async () => {
    const faults: Fault[] = [
      { kind: 'stream-error', after: 1 },
      { kind: 'cut', after: 1 },
    ];
    const client = await open({ fault: ({ number }) => faults[number - 1]! });
    await expect(client.messages.stream(question).finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
    await expect(client.messages.stream(question).finalMessage()).rejects.toThrow();
    expect(server!.log.total()).toEqual({ inputTokens: 10, outputTokens: 2 });
  });

  it('resets connections', async () => {
    const client = await open({ fault: () => ({ kind: 'reset', ran: false }) });
    await expect(client.messages.create(question)).rejects.toBeInstanceOf(APIConnectionError);
    expect(server!.log.charged()).toEqual([]);
  });

  it('runs, cancels and lists batches, with polls, reordered results, errors and expiry', async () => {
    const outcomes = ['ok', 'error', 'expired'] as const;
    const client = await open({
      batch: ({ number }) => ({ polls: number, reversed: true, outcome: (_, place) => outcomes[place]! }),
    });
    const requests = outcomes.map((custom_id) => ({ custom_id, params: question }));
    const first = await client.messages.batches.create({ requests });
    expect(first).toMatchObject({
      processing_status: 'in_progress',
      request_counts: { processing: 3 },
      results_url: null,
    });
    await client.messages.batches.retrieve(first.id);
    const ended = await client.messages.batches.retrieve(first.id);
    expect(ended).toMatchObject({
      processing_status: 'ended',
      request_counts: { succeeded: 1, errored: 1, expired: 1 },
    });
    const rows = [];
    for await (const row of await client.messages.batches.results(first.id)) rows.push(row);
    expect(rows.map(({ custom_id, result }) => [custom_id, result.type])).toEqual([
      ['expired', 'expired'],
      ['error', 'errored'],
      ['ok', 'succeeded'],
    ]);

    const second = await client.messages.batches.create({ requests });
    expect((await client.messages.batches.cancel(second.id)).processing_status).toBe('canceling');
    expect((await client.messages.batches.retrieve(second.id)).request_counts.canceled).toBe(3);
    const names = [];
    for await (const { id } of client.messages.batches.list({ limit: 1 })) names.push(id);
    expect(names).toEqual([second.id, first.id]);
  });
});
