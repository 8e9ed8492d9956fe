import { serve } from '@cogumi/pure/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type BatchApi, type BatchCall, type BatchResult, ProviderError } from '../provider.ts';
import { outcomeSchedule } from '../testing/provider-server/fault-schedule.ts';
import type { BatchOutcome } from '../testing/provider-server/faults.ts';
import {
  type ProviderServer,
  type ProviderServerOptions,
  startProviderServer,
} from '../testing/provider-server/start-provider-server.ts';
import { anthropic } from './anthropic.ts';
import { openAiCompatible } from './openai-compatible.ts';

let server: ProviderServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});
const calm = new AbortController().signal;
const options = { key: 'test-key', keyVariable: 'TEST_KEY', urlVariable: null };

type Kind = 'openai' | 'anthropic';
/** A provider as in a new process. */
function apiOf(kind: Kind): BatchApi {
  const { url } = server as ProviderServer;
  const provider =
    kind === 'anthropic'
      ? anthropic({ ...options, provider: kind, baseUrl: url, findPollMs: 1 })
      : openAiCompatible({ ...options, provider: kind, baseUrl: `${url}/v1`, batches: true });
  return provider.batches as BatchApi;
}
async function open(kind: Kind, given: ProviderServerOptions = {}): Promise<BatchApi> {
  server = await startProviderServer(given);
  return apiOf(kind);
}
const calls = (count: number): BatchCall[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `q_${at}`,
    call: {
      model: 'small',
      messages: [{ role: 'user', content: `question ${at}` }],
      maxTokens: 20,
      temperature: 0,
      schema: null,
      question: null,
    },
  }));
async function resultsOf(api: BatchApi, batch: string): Promise<Map<string, BatchResult['outcome']>> {
  const found = new Map<string, BatchResult['outcome']>();
  for await (const { id, outcome } of api.results(batch, calm)) {
    expect(found.has(id)).toBe(false);
    found.set(id, outcome);
  }
  return found;
}

describe.each(['openai', 'anthropic'] as const)('batches of %s', (kind) => {
  it('run, report their state, and return results in any order', async () => {
    const api = await open(kind, { batch: () => ({ polls: 2, reversed: true }) });
    const batch = await api.submit(calls(5), 'run 1/batch 2', calm);
    expect(await api.state(batch, calm)).toMatchObject({ status: 'running', done: 0 });
    expect(await api.state(batch, calm)).toMatchObject({ status: 'running' });
    expect(await api.state(batch, calm)).toEqual({ status: 'ended', done: 5, message: '' });
    const results = await resultsOf(api, batch);
    expect([...results.keys()]).toEqual(['q_4', 'q_3', 'q_2', 'q_1', 'q_0']);
    // "question 3" has 10 characters: 3 tokens of up to four.
    expect(results.get('q_3')).toMatchObject({
      text: 'question 3',
      finish: 'stop',
      usage: { inputTokens: 3, outputTokens: 3 },
      model: 'small',
    });
  });

  it('report expired, failed, lost, broken and duplicate results', async () => {
    const outcomes: BatchOutcome[] = ['ok', 'expired', 'error', 'missing', 'broken', 'twice', 'ok'];
    const api = await open(kind, { batch: () => ({ outcome: (_, place) => outcomes[place]! }) });
    const batch = await api.submit(calls(7), 'tag', calm);
    expect(await api.state(batch, calm)).toMatchObject({ status: 'expired', done: 7 });
    const results = await resultsOf(api, batch);
    expect([...results.keys()].sort()).toEqual(['q_0', 'q_1', 'q_2', 'q_5', 'q_6']);
    expect(results.get('q_5')).toMatchObject({ text: 'question 5' });
    expect(results.get('q_1')).toMatchObject({ kind: 'expired', charged: 'nothing', retryable: true });
    expect(results.get('q_2')).toMatchObject({ kind: 'server-error', charged: 'nothing', retryable: true });
    expect(results.get('q_1')).toBeInstanceOf(ProviderError);
    expect(server!.log.charged()).toHaveLength(5);
  });

  it('return all results except the 30% that expire', async () => {
    const api = await open(kind, { batch: () => ({ outcome: outcomeSchedule('seed', 'expired', 0.3) }) });
    const batch = await api.submit(calls(200), 'tag', calm);
    await api.state(batch, calm);
    const results = [...(await resultsOf(api, batch)).values()];
    const expired = results.filter((outcome) => outcome instanceof ProviderError);
    expect(results).toHaveLength(200);
    expect(expired.length).toBeGreaterThan(40);
    expect(expired.length).toBeLessThan(80);
    expect(server!.log.charged()).toHaveLength(200 - expired.length);
  });

  it('are found by their tag over several pages, by another process than the one that submitted them', async () => {
    const api = await open(kind);
    const names = [];
    for (let at = 0; at < 103; at++) names.push(await api.submit(calls(1), `tag ${at}`, calm));
    for (const name of names) await api.state(name, calm);
    const other = apiOf(kind);
    expect(await other.find('tag 0', calm)).toBe(names[0]);
    expect(await other.find('tag 101', calm)).toBe(names[101]);
    expect(await other.find('tag 1000', calm)).toBeNull();
    expect(await apiOf(kind).find('tag', calm)).toBeNull();
  });

  it('report cancelled requests as cancelled', async () => {
    const api = await open(kind, { batch: () => ({ polls: 100 }) });
    const batch = await api.submit(calls(3), 'tag', calm);
    // As a user does in the provider's console.
    const path = kind === 'anthropic' ? 'messages/batches' : 'batches';
    const headers = { authorization: 'Bearer test-key', 'x-api-key': 'test-key', 'anthropic-version': '2023-06-01' };
    expect((await fetch(`${server?.url}/v1/${path}/${batch}/cancel`, { method: 'POST', headers })).status).toBe(200);
    expect(await api.state(batch, calm)).toMatchObject({ status: 'cancelled' });
    const results = await resultsOf(api, batch);
    expect([...results.values()].map((outcome) => (outcome as ProviderError).kind)).toEqual(Array(3).fill('cancelled'));
    expect(server!.log.charged()).toEqual([]);
  });

  it('report a failure of the provider when their state is requested', async () => {
    const api = await open(kind, { fault: () => ({ kind: 'status', status: 500 }) });
    await expect(api.submit(calls(1), 'tag', calm)).rejects.toMatchObject({ kind: 'server-error', charged: 'nothing' });
    await expect(api.find('tag', calm)).rejects.toMatchObject({ kind: 'server-error' });
    await expect(api.state('b', calm)).rejects.toMatchObject({ kind: 'server-error' });
    await expect(resultsOf(api, 'b')).rejects.toMatchObject({ kind: 'server-error' });
  });

  it('whose id was lost are not submitted twice by a client that searches first', async () => {
    const api = await open(kind, {
      fault: ({ method, path }) =>
        `${method} ${path}`.match(/^POST .*batches$/) ? { kind: 'reset', ran: true } : null,
    });
    await expect(api.submit(calls(2), 'tag', calm)).rejects.toMatchObject({ kind: 'unreachable', charged: 'unknown' });
    const found = await apiOf(kind).find('tag', calm);
    expect(found).not.toBeNull();
    await api.state(found as string, calm);
    expect(await resultsOf(api, found as string)).toHaveProperty('size', 2);
    expect(server!.log.charged()).toHaveLength(2);
  });

  it('return the results that arrived before the connection broke, and can be read again', async () => {
    let cuts = 1;
    const api = await open(kind, {
      fault: ({ path }) => (/content$|results$/.test(path) && cuts-- > 0 ? { kind: 'cut', after: 0 } : null),
    });
    const batch = await api.submit(calls(50), 'tag', calm);
    await api.state(batch, calm);
    const came: string[] = [];
    const read = async () => {
      for await (const { id } of api.results(batch, calm)) came.push(id);
    };
    await expect(read()).rejects.toMatchObject({ kind: 'cut-short' });
    expect(came.length).toBeGreaterThan(10);
    expect(came.length).toBeLessThan(50);
    expect(server!.log.charged().every(({ delivered }) => !delivered)).toBe(true);
    expect(await resultsOf(api, batch)).toHaveProperty('size', 50);
    expect(server!.log.charged().every(({ delivered }) => delivered)).toBe(true);
  });

  it('that do not exist are not reported as an unknown model', async () => {
    const api = await open(kind);
    await expect(api.state('none', calm)).rejects.toMatchObject({ kind: 'bad-request', charged: 'nothing' });
  });
});

describe('a batch of OpenAI', () => {
  it('fails at validation with the reason', async () => {
    const api = await open('openai', { batch: () => ({ invalid: 'Line 1 is not JSON' }) });
    const batch = await api.submit(calls(1), 'tag', calm);
    expect(await api.state(batch, calm)).toMatchObject({ status: 'failed', message: 'Line 1 is not JSON' });
    expect(await resultsOf(api, batch)).toEqual(new Map());
  });

  it('counts as running for every unknown status, also for names of object properties', async () => {
    const odd = await serve((_, response) => response.end(JSON.stringify({ id: 'b', status: 'constructor' })));
    const { batches } = openAiCompatible({ ...options, provider: 'openai', baseUrl: odd.url, batches: true });
    expect(await batches?.state('b', calm)).toMatchObject({ status: 'running' });
    await odd.close();
  });
});

describe('a batch of Anthropic whose id was lost', () => {
  it('is waited for until it ends', async () => {
    const api = await open('anthropic', { batch: () => ({ polls: 3 }) });
    const batch = await api.submit(calls(2), 'mine', calm);
    expect(await apiOf('anthropic').find('mine', calm)).toBe(batch);
    const looks = server!.log.requests.filter(({ path }) => path.endsWith(batch));
    expect(looks).toHaveLength(4);
  });

  it('causes no wait for batches of another size, of an earlier time, or of this process', async () => {
    const api = await open('anthropic', { batch: () => ({ polls: Number.POSITIVE_INFINITY }) });
    const batch = await api.submit(calls(2), 'theirs', calm);
    const other = apiOf('anthropic');
    expect(await other.find('mine', calm, { requests: 3 })).toBeNull();
    expect(await other.find('mine', calm, { since: Date.now() + 3_600_000 })).toBeNull();
    expect(await api.find('mine', calm)).toBeNull();
    expect(await api.find('theirs', calm)).toBe(batch);
    await expect(other.find('mine', AbortSignal.timeout(50), { requests: 2 })).rejects.toThrow('timeout');
  });

  it('has request ids of a valid length', async () => {
    const api = await open('anthropic');
    const [one] = calls(1) as [BatchCall];
    for (const id of ['a'.repeat(52), 'with space', 'ä', '']) {
      await expect(api.submit([{ ...one, id }], 'tag', calm)).rejects.toMatchObject({ kind: 'bad-request' });
    }
    await api.submit([{ ...one, id: 'a'.repeat(51) }], 'tag', calm);
  });
});
