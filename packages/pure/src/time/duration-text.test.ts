import { expect, it } from 'vitest';
import { durationText } from './duration-text.ts';

it.each([
  [0, '0.0 s'],
  [7234, '7.2 s'],
  [59_940, '59.9 s'],
  [59_999, '1 min 0 s'],
  [119_600, '2 min 0 s'],
  [185_000, '3 min 5 s'],
  [3_599_700, '1 h 0 min'],
  [7_790_000, '2 h 10 min'],
])('formats %i ms as %s', (ms, text) => expect(durationText(ms)).toBe(text));
