import { expect, it } from 'vitest';
import { spinCount } from './spin-count.ts';

it('lets threads spin on a quiet machine only', () => {
  expect(spinCount(0.2, 2)).toBe(spinCount(3, 2));
  expect(spinCount(7, 2)).toBeLessThan(spinCount(3, 2) / 1000);
  // The same load on more cores leaves room.
  expect(spinCount(7, 8)).toBe(spinCount(0, 8));
});
