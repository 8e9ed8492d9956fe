import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LONG_CONTEXT } from '../../testing/open-sample.ts';
import { parseMetrics, type Sample } from '../../testing/parse-metrics.ts';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';

let sample: ServedSample;
beforeAll(async () => {
  sample = await serveSample({ contextTokens: LONG_CONTEXT });
});
afterAll(() => sample?.close());

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const scrape = async () => parseMetrics(await (await fetch(`${sample.server.url}/metrics`)).text());
const sumOf = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) =>
  samples
    .filter((each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);

describe('/metrics', () => {
  it('counts requests, answers, tokens, routes and times', async () => {
    const { client } = sample;
    const before = await scrape();
    const one = await client.chat.completions.create({ model: 'sample', messages, max_tokens: 8 });
    const stream = await client.chat.completions.create({
      model: 'sample:base',
      messages,
      max_tokens: 4,
      stream: true,
    });
    for await (const _ of stream);
    await client.chat.completions.create({ model: 'smaple', messages }).catch(() => null);
    const after = await scrape();
    const grown = (name: string, labels?: Readonly<Record<string, string>>) =>
      sumOf(after, name, labels) - sumOf(before, name, labels);

    expect(grown('cogumi_requests_total', { endpoint: '/v1/chat/completions', status: '200' })).toBe(2);
    expect(grown('cogumi_requests_total', { endpoint: '/v1/chat/completions', status: '404' })).toBe(1);
    expect(grown('cogumi_refusals_total', { code: 'model_not_found' })).toBe(1);
    expect(grown('cogumi_answers_total', { route: 'code', finish_reason: 'length' })).toBe(1);
    expect(grown('cogumi_answers_total', { route: 'base', finish_reason: 'length' })).toBe(1);
    expect(grown('cogumi_generation_tokens_total', { route: 'code' })).toBe(8);
    expect(grown('cogumi_prompt_tokens_total', { route: 'code' })).toBe(one.usage?.prompt_tokens);
    expect(grown('cogumi_prefix_cache_queries_total')).toBe(2 * (one.usage?.prompt_tokens ?? 0));
    expect(grown('cogumi_router_decisions_total', { route: 'code', reason: 'router' })).toBe(1);
    expect(grown('cogumi_router_decisions_total', { route: 'base', reason: 'chosen' })).toBe(1);
    expect(grown('cogumi_router_confidence_bucket', { route: 'code', le: '0.8' })).toBe(0);
    expect(grown('cogumi_router_confidence_count', { route: 'code' })).toBe(1);
    expect(grown('cogumi_time_to_first_token_seconds_count')).toBe(2);
    // Seven gaps between eight tokens, three between four; those that come together share one.
    expect(grown('cogumi_inter_token_latency_seconds_count')).toBeGreaterThanOrEqual(8);
    expect(grown('cogumi_e2e_request_latency_seconds_count')).toBe(2);
    expect(grown('cogumi_e2e_request_latency_seconds_sum')).toBeGreaterThan(
      grown('cogumi_time_to_first_token_seconds_sum'),
    );
    expect(grown('cogumi_request_queue_time_seconds_count')).toBe(2);
    expect(sumOf(after, 'cogumi_bundle_info', { name: 'sample', digest: String(sample.runtime.served.digest) })).toBe(
      1,
    );
    expect(sumOf(after, 'cogumi_model_up')).toBe(1);
    expect(sumOf(after, 'cogumi_model_loads_total')).toBe(1);
    expect(sumOf(after, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(sumOf(after, 'cogumi_model_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(sumOf(after, 'cogumi_adapters_loaded')).toBe(2);
    expect(grown('cogumi_adapter_switches_total')).toBeGreaterThan(0);
    // Whether answers are drafted is measured when the model is loaded.
    const spec = ['drafts', 'draft_tokens', 'accepted_tokens'].map((name) => `cogumi_spec_decode_num_${name}_total`);
    expect(after.map(({ name }) => name)).toEqual(expect.arrayContaining(spec));
    const [drafts, drafted, accepted] = spec.map((name) => sumOf(after, name)) as [number, number, number];
    expect(drafted).toBeGreaterThanOrEqual(drafts);
    expect(accepted).toBeLessThanOrEqual(drafted);
    const sources = after.filter(({ name }) => name === spec[0]).map(({ labels }) => labels.source);
    expect(sources).toEqual(['lookup', 'draft']);
    expect(sumOf(after, 'process_cpu_seconds_total')).toBeGreaterThan(sumOf(before, 'process_cpu_seconds_total'));
    expect(sumOf(after, 'nodejs_eventloop_lag_seconds')).toBeGreaterThan(0);
  });

  it('finds the beginning of a conversation in the cache', async () => {
    await sample.measured();
    const turn = [...messages, { role: 'assistant' as const, content: 'Fine.' }, ...messages];
    const before = sumOf(await scrape(), 'cogumi_prefix_cache_hits_total');
    await sample.client.chat.completions.create({ model: 'sample:code', messages, max_tokens: 2 });
    await sample.client.chat.completions.create({ model: 'sample:code', messages: turn, max_tokens: 2 });
    expect(sumOf(await scrape(), 'cogumi_prefix_cache_hits_total')).toBeGreaterThan(before);
  });

  it('shows what is answered now, and nothing when it has ended or the client has gone', async () => {
    const stream = await sample.client.chat.completions.create({ model: 'sample', messages, stream: true });
    for await (const _ of stream) {
      const during = await scrape();
      expect(sumOf(during, 'cogumi_num_requests_running')).toBe(1);
      expect(sumOf(during, 'cogumi_kv_cache_usage_perc')).toBeGreaterThan(0);
      break;
    }
    const running = async () => {
      const samples = await scrape();
      return [sumOf(samples, 'cogumi_num_requests_running'), sumOf(samples, 'cogumi_kv_cache_usage_perc')];
    };
    await expect.poll(running).toEqual([0, 0]);
    expect(sumOf(await scrape(), 'cogumi_answers_total', { finish_reason: 'cancelled' })).toBe(1);
    expect(sumOf(await scrape(), 'cogumi_requests_total', { status: '499' })).toBe(1);
  });

  it('makes no label of what a client sends', async () => {
    const series = async () => (await scrape()).length;
    const send = async (at: number) => {
      const headers = { 'content-type': 'application/json', 'x-request-id': `id-${at}`, 'user-agent': `agent-${at}` };
      const body = JSON.stringify({ model: `model-${at}`, messages, user: `user-${at}` });
      await fetch(`${sample.server.url}/v1/chat/completions`, { method: 'POST', headers, body });
      await fetch(`${sample.server.url}/path-${at}?query=${at}`, { method: 'PUT' });
      await fetch(`${sample.server.url}/v1/models/model-${at}`);
    };
    await send(0);
    const before = await series();
    for (let at = 1; at <= 100; at++) await send(at);
    expect(await series()).toBe(before);
    expect(JSON.stringify(await scrape())).not.toMatch(/model-\d|path-\d|user-\d|agent-\d|id-\d/);
  });

  it('has every metric that the dashboard and the alerts ask for', async () => {
    const known = new Set((await scrape()).map(({ name }) => name));
    for (const file of ['dashboard.json', 'alerts.yaml']) {
      const text = await readFile(join(import.meta.dirname, '../../../monitoring', file), 'utf8');
      const asked = new Set(text.match(/\b(?:cogumi|process|nodejs)_[a-z0-9_]+/g));
      expect(asked.size).toBeGreaterThan(3);
      expect([...asked].filter((name) => !known.has(name))).toEqual([]);
    }
  });
});
