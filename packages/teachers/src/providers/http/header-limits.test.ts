import { describe, expect, it } from 'vitest';
import { anthropicLimits } from '../anthropic/limits.ts';
import { openAiLimits } from '../openai/limits.ts';
import { resetMs } from './header-limits.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('the reset time of a limit', () => {
  it.each([
    ['1s', 1000],
    ['6m0s', 360_000],
    ['12ms', 12],
    ['1h2m3s', 3_723_000],
    ['2m59.56s', 179_560],
    ['7.66s', 7660],
    ['1d', 86_400_000],
    ['30', 30_000],
    [String(NOW + 500), 500],
    [String((NOW + 5000) / 1000), 5000],
    [String(NOW - 500), 0],
    ['2026-11-21T12:00:02Z', 2000],
    ['2026-11-21T11:00:00Z', 0],
    ['soon', null],
    ['1s ago', null],
    ['', null],
    [null, null],
  ])('%s is %s ms', (text, ms) => {
    const found = resetMs(text, NOW);
    if (ms === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(ms, 6);
  });
});

describe('the remaining requests and tokens', () => {
  it('are read for OpenAI and Groq', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '14370',
      'x-ratelimit-reset-requests': '2m59.56s',
      'x-ratelimit-remaining-tokens': '17997',
      'x-ratelimit-reset-tokens': '7.66s',
    };
    expect(openAiLimits(new Headers(headers), NOW)).toEqual({
      requestsLeft: 14_370,
      requestsResetMs: 179_560,
      tokensLeft: 17_997,
      tokensResetMs: 7660,
    });
  });

  it('are read for OpenRouter, which reports requests only', () => {
    const headers = { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(NOW + 60_000) };
    expect(openAiLimits(new Headers(headers), NOW)).toEqual({
      requestsLeft: 0,
      requestsResetMs: 60_000,
      tokensLeft: null,
      tokensResetMs: null,
    });
  });

  it('are read for Anthropic, where the lower of input and output counts without a total', () => {
    const of = (what: string, left: string, reset: string) => ({
      [`anthropic-ratelimit-${what}-remaining`]: left,
      [`anthropic-ratelimit-${what}-reset`]: reset,
    });
    const kinds = {
      ...of('requests', '999', '2026-11-21T12:00:01Z'),
      ...of('input-tokens', '80000', '2026-11-21T12:00:09Z'),
      ...of('output-tokens', '16000', '2026-11-21T12:00:03Z'),
    };
    const requests = { requestsLeft: 999, requestsResetMs: 1000 };
    expect(anthropicLimits(new Headers(kinds), NOW)).toEqual({ ...requests, tokensLeft: 16_000, tokensResetMs: 3000 });
    const all = { ...kinds, ...of('tokens', '96000', '2026-11-21T12:00:05Z') };
    expect(anthropicLimits(new Headers(all), NOW)).toEqual({ ...requests, tokensLeft: 96_000, tokensResetMs: 5000 });
  });

  it('are null without headers', () => {
    const nothing = { requestsLeft: null, requestsResetMs: null, tokensLeft: null, tokensResetMs: null };
    expect(openAiLimits(new Headers(), NOW)).toEqual(nothing);
    expect(anthropicLimits(new Headers(), NOW)).toEqual(nothing);
  });
});
