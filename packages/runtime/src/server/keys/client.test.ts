import { describe, expect, it } from 'vitest';
import type { ApiError } from '../api-error.ts';
import { Client, type KeyLimits } from './client.ts';

const HOUR_MS = 3_600_000;

/** A client with a clock that stands until it is moved. */
function clientOf(limits: Omit<KeyLimits, 'name'>) {
  const clock = { ms: 0 };
  const client = new Client({ name: 'ann', ...limits }, () => clock.ms);
  const refusal = () => {
    try {
      client.begin()();
      return null;
    } catch (error) {
      const { status, message, body, headers } = error as ApiError;
      return { status, message, type: body.error.type, code: body.error.code, after: headers['retry-after'], headers };
    }
  };
  return { client, clock, refusal };
}

describe('the limits of a key', () => {
  it('refuse a request beyond those of a minute, and say when the next one fits', () => {
    const { clock, refusal } = clientOf({ requestsPerMinute: 3 });
    expect([refusal(), refusal(), refusal()]).toEqual([null, null, null]);
    expect(refusal()).toMatchObject({ status: 429, type: 'requests', code: 'rate_limit_exceeded', after: '20' });
    expect(refusal()?.message).toBe(
      'The key "ann" is at its limit of 3 requests a minute. Send the request again after 20 s.',
    );
    clock.ms += 19_999;
    expect(refusal()).not.toBeNull();
    clock.ms += 1;
    expect([refusal(), refusal() === null]).toEqual([null, false]);
  });

  it('count tokens when an answer has ended, and free them evenly', () => {
    const { client, clock, refusal } = clientOf({ tokensPerMinute: 600 });
    client.useTokens(599);
    expect(refusal()).toBeNull();
    client.useTokens(300);
    expect(refusal()).toMatchObject({ type: 'tokens', after: '30' });
    clock.ms += 30_000;
    expect(refusal()).toBeNull();
  });

  it('tell a library not to retry by itself while a quota of a day is used up', () => {
    const { client, clock, refusal } = clientOf({ tokensPerDay: 2400 });
    client.useTokens(2500);
    expect(refusal()).toMatchObject({ code: 'insufficient_quota', headers: { 'x-should-retry': 'false' } });
    clock.ms += HOUR_MS + HOUR_MS / 50;
    expect(refusal()).toBeNull();
  });

  it('bound the requests at a time, and forget those that have ended', () => {
    const { client, refusal } = clientOf({ concurrentRequests: 2 });
    const ends = [client.begin(), client.begin()];
    expect(refusal()).toMatchObject({ status: 429, after: '1' });
    ends[0]?.();
    expect(refusal()).toBeNull();
  });

  it('that change keep what was used', () => {
    const { client, refusal } = clientOf({ tokensPerMinute: 100 });
    client.useTokens(150);
    client.limits = { name: 'ann', tokensPerMinute: 1000 };
    expect(refusal()).toBeNull();
    client.limits = { name: 'ann', tokensPerMinute: 50 };
    expect(refusal()).not.toBeNull();
  });
});
