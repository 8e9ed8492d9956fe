import { describe, expect, it } from 'vitest';
import { shareGate } from './share-gate.ts';

const given = { name: 'g', criterion: 'c', threshold: 0.9, unit: 'share', evidence: 'e', advice: 'a' };

describe('shareGate', () => {
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
