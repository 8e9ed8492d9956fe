import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { argmax, createSampler, largest, logSumExp, type SamplerOptions } from './sampler.ts';

/** Probabilities 0.5, 0.3, 0.15, 0.05. */
const LOGITS = Float32Array.from([0.5, 0.3, 0.15, 0.05], Math.log);

function shares(options: Partial<SamplerOptions>, draws = 20_000): number[] {
  const sample = createSampler({ temperature: 1, seed: 7, ...options });
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < draws; draw++) counts[sample(LOGITS)]!++;
  return counts.map((count) => count / draws);
}

describe('createSampler', () => {
  it('takes the most likely token at temperature 0, and the first of equal ones', () => {
    expect(createSampler({ temperature: 0, seed: 0 })(Float32Array.of(1, 3, 3, 2))).toBe(1);
    expect(argmax(Float32Array.of(-5, -4, -9))).toBe(1);
  });

  it('finds the largest logit wherever it lies, in vocabularies of any size', () => {
    for (const size of [1, 7, 8, 9, 16, 21]) {
      for (let at = 0; at < size; at++) {
        const logits = Float32Array.from({ length: size }, (_, token) => (token === at ? -1 : -2 - token));
        expect(argmax(logits), `${at} of ${size}`).toBe(at);
        // Of equal ones, the first.
        expect(argmax(logits.fill(-1, at)), `${at} of ${size}`).toBe(at);
      }
    }
  });

  it('samples tokens by their probability at temperature 1', () => {
    for (const [token, share] of shares({}).entries()) {
      expect(Math.abs(share - [0.5, 0.3, 0.15, 0.05][token]!)).toBeLessThan(0.015); // 4 standard errors of 20,000 draws
    }
  });

  it('squares the probabilities at temperature 0.5', () => {
    const squares = [0.25, 0.09, 0.0225, 0.0025];
    const sum = 0.365;
    for (const [token, share] of shares({ temperature: 0.5 }).entries()) {
      expect(Math.abs(share - squares[token]! / sum)).toBeLessThan(0.015);
    }
  });

  it('keeps the smallest set that reaches topP: 0.5 + 0.3 for 0.7, one for 0', () => {
    const [first, second, third, fourth] = shares({ topP: 0.7 });
    expect(third! + fourth!).toBe(0);
    expect(Math.abs(first! - 0.625)).toBeLessThan(0.015);
    expect(Math.abs(second! - 0.375)).toBeLessThan(0.015);
    expect(shares({ topP: 0 }, 100)).toEqual([1, 0, 0, 0]);
  });

  it('keeps the topK most likely tokens', () => {
    const [first, second, third, fourth] = shares({ topK: 2 });
    expect(third! + fourth!).toBe(0);
    expect(Math.abs(first! - 0.625)).toBeLessThan(0.015);
    expect(Math.abs(second! - 0.375)).toBeLessThan(0.015);
  });

  it('keeps tokens with minP of the largest probability: 0.15 / 0.5 is above 0.29, 0.05 / 0.5 below', () => {
    const [first, , third, fourth] = shares({ minP: 0.29 });
    expect(fourth).toBe(0);
    expect(Math.abs(first! - 0.5 / 0.95)).toBeLessThan(0.015);
    expect(Math.abs(third! - 0.15 / 0.95)).toBeLessThan(0.015);
  });

  it('counts topP within what topK keeps: of 0.625 and 0.375 the first is enough for 0.6', () => {
    expect(shares({ topK: 2, topP: 0.6 }, 100)).toEqual([1, 0, 0, 0]);
  });

  it('samples the same tokens with the same seed and other tokens with another', () => {
    const draw = (seed: number) => {
      const sample = createSampler({ temperature: 1, topP: 0.95, seed });
      return Array.from({ length: 50 }, () => sample(LOGITS)).join('');
    };
    expect(draw(3)).toBe(draw(3));
    expect(draw(3)).not.toBe(draw(4));
  });
});

describe('largest', () => {
  it('gives the tokens with the largest logits, the first of equal ones first', () => {
    expect(largest(Float32Array.of(1, 5, 3, 5, 4), 3)).toEqual([1, 3, 4]);
    expect(largest(Float32Array.of(2, 1), 5)).toEqual([0, 1]);
    expect(largest(Float32Array.of(2, 1), 0)).toEqual([]);
  });
});

describe('logSumExp', () => {
  it('is 0 for logits that are log-probabilities, and does not overflow', () => {
    expect(logSumExp(LOGITS)).toBeCloseTo(0, 6);
    expect(logSumExp(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.LN2, 4);
    const random = createRandom(1);
    for (const width of [0.01, 3, 60]) {
      const logits = Float32Array.from({ length: 5000 }, () => (random.next() - 0.5) * width);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      expect(logSumExp(logits)).toBeCloseTo(Math.log(sum), 8);
    }
    expect(logSumExp(Float32Array.of(Number.NEGATIVE_INFINITY, 2, Number.NEGATIVE_INFINITY))).toBe(2);
    expect(logSumExp(Float32Array.of(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY))).toBe(
      Number.NEGATIVE_INFINITY,
    );
  });

  it.each([0, 1, 2])('is not a number where logit %i is not one', (at) => {
    const logits = Float32Array.of(1, 2, 3);
    logits[at] = Number.NaN;
    expect(logSumExp(logits)).toBeNaN();
  });
});
