import { describe, expect, it } from 'vitest';
import { KNOWN_PROVIDERS } from './known-providers.ts';
import { knownPrices, priceOf } from './prices.ts';

describe('prices', () => {
  const prices = knownPrices();

  it('have a date and belong to known providers', () => {
    expect(prices.date).toBe('2026-11-20');
    const providers = [...Object.keys(prices.models).map((name) => name.split(':')[0]), ...prices.free];
    for (const provider of providers) expect([...KNOWN_PROVIDERS.keys(), 'procedural']).toContain(provider);
  });

  it("are per million tokens, with the provider's prices for cache and batches", () => {
    expect(priceOf(prices, 'openai:gpt-5.4')).toEqual({
      input: 2.5,
      cachedInput: 0.25,
      cacheWrite: 2.5,
      output: 15,
      batch: 0.5,
    });
    expect(priceOf(prices, 'anthropic:claude-sonnet-4-0')).toEqual({
      input: 3,
      cachedInput: 0.3,
      cacheWrite: 3.75,
      output: 15,
      batch: 0.5,
    });
    // An unknown price of cached tokens counts as plain input, which is never less.
    expect(priceOf(prices, 'openai:gpt-4o-mini')).toMatchObject({ input: 0.15, cachedInput: 0.15 });
  });

  it('are unknown for other models, for snapshots, and for names of object properties', () => {
    for (const teacher of ['openai:gpt-9', 'openai:gpt-4o-2024-05-13', 'groq:llama', 'constructor', 'openai', '']) {
      expect(priceOf(prices, teacher)).toBeNull();
    }
  });

  it('are 0 for local providers', () => {
    for (const teacher of ['ollama:llama3', 'vllm:meta/llama', 'cogumi:nano', 'procedural:master']) {
      expect(priceOf(prices, teacher)).toEqual({ input: 0, cachedInput: 0, cacheWrite: 0, output: 0, batch: 1 });
    }
  });

  it('can be overridden by the user, for known and for free models', () => {
    const own = knownPrices({
      'openai:gpt-4o': { input: 1, output: 2 },
      'groq:llama': { input: 0.1, output: 0.2, batch: 0.5 },
      'vllm:rented': { input: 0, output: 0.85 },
    });
    expect(priceOf(own, 'openai:gpt-4o')).toEqual({ input: 1, cachedInput: 1, cacheWrite: 1, output: 2, batch: 1 });
    expect(priceOf(own, 'groq:llama')).toMatchObject({ output: 0.2, batch: 0.5 });
    expect(priceOf(own, 'vllm:rented')).toMatchObject({ output: 0.85 });
    expect(priceOf(own, 'vllm:other')).toMatchObject({ output: 0 });
    expect(priceOf(own, 'openai:gpt-4.1')).toMatchObject({ input: 2, output: 8 });
  });

  it('are numbers for a provider with the name of an object property', () => {
    const own = knownPrices({ 'constructor:a': { input: 1, output: 2 } });
    expect(priceOf(own, 'constructor:a')).toEqual({ input: 1, cachedInput: 1, cacheWrite: 1, output: 2, batch: 1 });
  });

  it('that are invalid are refused', () => {
    expect(() => knownPrices({ 'a:b': { input: -1, output: 1 } })).toThrow();
    expect(() => knownPrices({ b: { input: 1, output: 1 } })).toThrow();
  });
});
