import { expect, it } from 'vitest';
import { repeatFew } from './repeat-few.ts';

it('gives every route as many examples as the largest, each about equally often', () => {
  const example = (label: number, perplexity: number) => ({ features: new Float32Array(1), perplexity, label });
  const few = [example(0, 1), example(1, 2), example(1, 3), example(1, 4), example(2, 5), example(2, 6)];
  const repeated = repeatFew(few);
  expect(repeated.map(({ label, perplexity }) => `${label}:${perplexity}`)).toEqual([
    ...['0:1', '0:1', '0:1'],
    ...['1:2', '1:3', '1:4'],
    ...['2:5', '2:6', '2:5'],
  ]);
});
