import { expect, it } from 'vitest';
import { excerptOf } from './record.ts';

it.each([
  ['more text than a text can hold', Array(600).fill('x'.repeat(2 ** 20)), `["${'x'.repeat(198)}`],
  ['a record of eleven levels', [[[[[[[[[[[1]]]]]]]]]]], '[[[[[[[["…"]]]]]]]]'],
  ['a short one', { instruction: 'a' }, '{"instruction":"a"}'],
])('shows how %s begins', (_what, value, shown) => expect(excerptOf(value)).toBe(shown));
