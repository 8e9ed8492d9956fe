import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('parseJson', () => {
  it.each([
    [
      '{"a": NaN, "b": [Infinity, -Infinity, 1], "c": {"d":NaN}}',
      { a: Number.NaN, b: [Infinity, -Infinity, 1], c: { d: Number.NaN } },
    ],
    ['{"a": "NaN, \\"NaN", "b": NaN}', { a: 'NaN, "NaN', b: Number.NaN }],
    ['{"a": "\\\\", "b":-Infinity\n}', { a: '\\', b: -Infinity }],
    ['NaN', Number.NaN],
    ['{"NaN": "Infinity"}', { NaN: 'Infinity' }],
  ])('reads the numbers that JSON lacks: %s', (text, value) => {
    expect(parseJson(text)).toEqual({ value });
  });

  it.each(['{"a": NaNa}', '{"a": -NaN}', '{"a": nan}', '{NaN: 1}', '{"a": "NaN}', '{"a":', '', '{"a": +Infinity}'])(
    'does not read %j',
    (text) => {
      expect(parseJson(text)).toEqual({ reason: 'is not JSON' });
    },
  );

  it('refuses a key that stands twice, also next to NaN, and names it', () => {
    const reason = 'has the key "output" twice in one object';
    expect(parseJson('{"output":"a","output":"b"}')).toEqual({ reason });
    expect(parseJson('[{"x":NaN,"output":"a","y":{"output":1},"output":"a"}]')).toEqual({ reason });
  });
});
