import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLongInteger, parseExactJson } from './exact-json.ts';

describe('parseExactJson', () => {
  it.each([
    '{"id":12345678901234567890,"list":[-9223372036854775808,9007199254740993]}',
    '{"maximum":9223372036854775807,"text":"9223372036854775807","float":0.1}',
    '123456789012345678901234567890',
  ])('keeps every digit of %s', (text) => {
    expect(JSON.stringify(parseExactJson(text))).toBe(text);
  });

  it('leaves numbers that are exact, and texts, as JSON.parse has them', () => {
    const text = '{"a":9007199254740991,"b":"12345678901234567890","c":1.5,"d":1e20,"e":[-0]}';
    expect(parseExactJson(text)).toEqual(JSON.parse(text));
    expect(isLongInteger(parseExactJson('9007199254740992'))).toBe(false);
    expect(isLongInteger(parseExactJson('9007199254740993'))).toBe(true);
  });

  it('reads what JSON.stringify writes, and refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
      { seed: 1 },
    );
    for (const text of ['01234567890123456789', '{"a":1234567890123456789', '']) {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    }
  });

  it('calls the reviver for every other value', () => {
    const doubled = (value: unknown) => (typeof value === 'number' ? 2 * value : value);
    expect(parseExactJson('[1,{"a":2}]', doubled)).toEqual([2, { a: 4 }]);
    expect(JSON.stringify(parseExactJson('[1,9223372036854775807]', doubled))).toBe('[2,9223372036854775807]');
  });
});
