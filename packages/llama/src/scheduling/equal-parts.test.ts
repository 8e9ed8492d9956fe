import { describe, expect, it } from 'vitest';
import { equalParts } from './equal-parts.ts';

/** A pass with so many tokens of each sequence, written as `sequence:position`. */
function parts(counts: Readonly<Record<number, number>>): string[] {
  const entries = Object.entries(counts).flatMap(([sequence, count]) =>
    Array.from({ length: count }, (_, position) => ({ token: 0, position, sequence: Number(sequence), output: true })),
  );
  return equalParts(entries).map((part) => part.map(({ sequence, position }) => `${sequence}:${position}`).join(' '));
}

describe('equalParts', () => {
  it('keeps sequences side by side together, and splits at a gap', () => {
    expect(parts({ 0: 1, 1: 1, 2: 1 })).toEqual(['0:0 1:0 2:0']);
    expect(parts({ 0: 1, 2: 1, 3: 1 })).toEqual(['0:0', '2:0 3:0']);
    expect(parts({})).toEqual([]);
  });

  it('takes equally many tokens of each sequence, the rest later', () => {
    expect(parts({ 0: 1, 1: 3, 2: 1 })).toEqual(['0:0 1:0 2:0', '1:1 1:2']);
    expect(parts({ 4: 2, 5: 3 })).toEqual(['4:0 4:1 5:0 5:1', '5:2']);
  });
});
