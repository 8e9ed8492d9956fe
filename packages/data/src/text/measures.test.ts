import { describe, expect, it } from 'vitest';
import { entropy } from './entropy.ts';
import { estimateTokens } from './estimate-tokens.ts';

describe('entropy', () => {
  it('is 0 for one character and log2 of the alphabet for an even mix', () => {
    expect(entropy('')).toBe(0);
    expect(entropy('aaaaaaaa')).toBe(0);
    expect(entropy('abababab')).toBeCloseTo(1, 12);
    expect(entropy('abcdefgh')).toBeCloseTo(3, 12);
    // Three of four: -(3/4 log2 3/4 + 1/4 log2 1/4), by hand.
    expect(entropy('aaab')).toBeCloseTo(0.8112781, 6);
  });

  it('leaves nothing behind for the next text', () => {
    entropy('xyz'.repeat(100));
    expect(entropy('ab')).toBeCloseTo(1, 12);
  });
});

describe('estimateTokens', () => {
  // Counted with Llama-3's tokenizer.
  it.each([
    ['The three primary colors are red, blue, and yellow.', 12],
    ['', 0],
    ['def add(a, b):\n    return a + b', 14],
    ['1234567', 3],
  ])('is near the truth for %j', (text, tokens) => {
    expect(Math.abs(estimateTokens(text) - tokens)).toBeLessThanOrEqual(Math.max(1, 0.3 * tokens));
  });
});
