import { describe, expect, it } from 'vitest';
import { isTestFact } from './split.ts';

describe('isTestFact', () => {
  it('reads the first byte of the SHA-256 of task and key: below 51 is for tests', () => {
    // `printf 'math/sum|1 + 1' | sha256sum` begins with 1e (30); the others with ef, ea and b2.
    expect(isTestFact('math/sum', '1 + 1')).toBe(true);
    expect(isTestFact('math/sum', '2 + 2')).toBe(false);
    expect(isTestFact('math/sum', '9 - 4')).toBe(false);
    expect(isTestFact('math/sum', '3 + 4')).toBe(false);
  });

  it('keeps about a fifth', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => String(at));
    const share = keys.filter((key) => isTestFact('math/story', key)).length / keys.length;
    expect(share).toBeCloseTo(51 / 256, 2); // 3.5 standard deviations are 0.01
  });
});
