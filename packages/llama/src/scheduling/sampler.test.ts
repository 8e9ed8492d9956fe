import { describe, expect, it } from 'vitest';
import { argmax, createSampler, logSumExp } from './sampler.ts';

/** Probabilities 0.5, 0.3, 0.15, 0.05. */
const LOGITS = Float32Array.from([0.5, 0.3, 0.15, 0.05], Math.log);

function shares(temperature: number, topP: number, draws = 20_000): number[] {
  const sample = createSampler(temperature, topP, 7);
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < draws; draw++) counts[sample(LOGITS)]!++;
  return counts.map((count) => count / draws);
}

describe('createSampler', () => {
  it('takes the most likely token at temperature 0, and the first of equal ones', () => {
    expect(createSampler(0, 1, 0)(Float32Array.of(1, 3, 3, 2))).toBe(1);
    expect(argmax(Float32Array.of(-5, -4, -9))).toBe(1);
  });

  it('samples tokens by their probability at temperature 1', () => {
    for (const [token, share] of shares(1, 1).entries()) {
      expect(Math.abs(share - [0.5, 0.3, 0.15, 0.05][token]!)).toBeLessThan(0.015); // 4 standard errors of 20,000 draws
    }
  });

  it('squares the probabilities at temperature 0.5', () => {
    const squares = [0.25, 0.09, 0.0225, 0.0025];
    const sum = 0.365;
    for (const [token, share] of shares(0.5, 1).entries()) {
      expect(Math.abs(share - squares[token]! / sum)).toBeLessThan(0.015);
    }
  });

  it('keeps the smallest set that reaches topP: 0.5 + 0.3 for 0.7, one for 0', () => {
    const [first, second, third, fourth] = shares(1, 0.7);
    expect(third! + fourth!).toBe(0);
    expect(Math.abs(first! - 0.625)).toBeLessThan(0.015);
    expect(Math.abs(second! - 0.375)).toBeLessThan(0.015);
    expect(shares(1, 0, 100)).toEqual([1, 0, 0, 0]);
  });

  it('samples the same tokens with the same seed and other tokens with another', () => {
    const draw = (seed: number) => {
      const sample = createSampler(1, 0.95, seed);
      return Array.from({ length: 50 }, () => sample(LOGITS)).join('');
    };
    expect(draw(3)).toBe(draw(3));
    expect(draw(3)).not.toBe(draw(4));
  });
});

describe('logSumExp', () => {
  it('is 0 for logits that are log-probabilities, and does not overflow', () => {
    expect(logSumExp(LOGITS)).toBeCloseTo(0, 6);
    expect(logSumExp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.LN2, 4);
  });
});
