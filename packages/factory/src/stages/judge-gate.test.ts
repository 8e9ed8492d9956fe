import { describe, expect, it } from 'vitest';
import { judgeGate, shareGate } from './judge-gate.ts';

const given = { name: 'g', criterion: 'c', threshold: 0.9, unit: 'share', evidence: 'e', advice: 'a' };

describe('judgeGate', () => {
  const exact = { ...given, bound: 'exactly', threshold: 0, measured: 0 } as const;
  it('skips a gate over no items, whatever was measured', () => {
    for (const measured of [0, 1, Number.NaN]) {
      const gate = judgeGate({ ...exact, measured, interval: [0, 1], items: 0 });
      expect(gate).toMatchObject({ verdict: 'skipped', measured: 0, interval: null });
    }
    expect(judgeGate({ ...exact, items: 1 }).verdict).toBe('pass');
    expect(judgeGate(exact).verdict).toBe('pass');
  });

  it.each([
    ['at-least', 0.9, 'pass'],
    ['at-least', 0.8, 'fail'],
    ['at-most', 0.9, 'pass'],
    ['at-most', 0.95, 'fail'],
    ['exactly', 0.9, 'pass'],
    ['exactly', 0.95, 'fail'],
    ['at-least', Number.NaN, 'fail'],
    ['at-most', Number.NaN, 'fail'],
  ] as const)('judges an exact value %s 0.9: %d is %s', (bound, measured, verdict) => {
    expect(judgeGate({ ...given, bound, measured }).verdict).toBe(verdict);
  });

  it.each([
    // A goal needs the whole interval; a guard fails only where none of it holds, and passes by its value.
    ['at-least', [0.85, 1.05], 1.0, false, 'inconclusive'],
    ['at-least', [0.85, 1.05], 1.0, true, 'pass'],
    ['at-least', [0.8, 1.05], 0.89, true, 'inconclusive'],
    ['at-least', [0.7, 0.89], 0.8, true, 'fail'],
    ['at-least', [0.9, 1.1], 1.0, false, 'pass'],
    ['at-most', [0.5, 0.9], 0.7, false, 'pass'],
    ['at-most', [0.5, 0.95], 0.7, false, 'inconclusive'],
    ['at-most', [0.5, 0.95], 0.7, true, 'pass'],
    ['at-most', [0.91, 0.95], 0.93, true, 'fail'],
  ] as const)(
    'judges an interval %s 0.9: %j around %d, as a guard %s, is %s',
    (bound, interval, measured, guard, verdict) => {
      expect(judgeGate({ ...given, bound, measured, interval: [...interval], guard }).verdict).toBe(verdict);
    },
  );

  it('shows an interval that does not decide', () => {
    const gate = judgeGate({ ...given, bound: 'at-least', measured: 0.95, interval: [0.5, 0.99], judgedBy: 'value' });
    expect(gate).toMatchObject({ verdict: 'pass', interval: [0.5, 0.99] });
  });
});

describe('shareGate', () => {
  it('as a guard passes a share that reaches its threshold, however few the items', () => {
    const atLeast = { ...given, threshold: 0.9 };
    expect(shareGate(atLeast, 34, 35)).toMatchObject({ verdict: 'inconclusive' });
    expect(shareGate({ ...atLeast, guard: true }, 34, 35)).toMatchObject({ verdict: 'pass' });
    expect(shareGate({ ...atLeast, guard: true }, 31, 35)).toMatchObject({ verdict: 'inconclusive' });
    expect(shareGate({ ...atLeast, guard: true }, 20, 35)).toMatchObject({ verdict: 'fail' });
  });

  it('is skipped over an empty sample', () => {
    expect(shareGate(given, 0, 0)).toMatchObject({ verdict: 'skipped', measured: 0, interval: null });
  });

  it.each([
    // 95% Wilson intervals by hand: 990/1000 → [0.982, 0.995], 900/1000 → [0.880, 0.917], 850/1000 → [0.827, 0.871].
    [990, 1000, 'pass'],
    [900, 1000, 'inconclusive'],
    [850, 1000, 'fail'],
    // A sample of ten says too little for a pass, however good it is.
    [10, 10, 'inconclusive'],
  ])('judges %i of %i against 0.9 as %s', (hits, trials, verdict) => {
    expect(shareGate(given, hits, trials)).toMatchObject({ ...given, measured: hits / trials, verdict });
  });

  it('shows the interval that it was judged by', () => {
    const { interval } = shareGate(given, 990, 1000);
    expect(interval?.[0]).toBeCloseTo(0.9817, 3);
    expect(interval?.[1]).toBeCloseTo(0.9946, 3);
  });
});
