import { describe, expect, it } from 'vitest';
import { timeGrowth } from '../testing/time-growth.ts';
import { parseStrictJson } from './parse-strict-json.ts';

const bounds = { values: 1000, keyLength: 64 };
const parse = (text: string | Uint8Array) =>
  parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text, bounds);

describe('parseStrictJson', () => {
  it.each([
    '{"a":1,"b":[1,2,{"a":{"a":null}}],"c":"\\"{,a\\\\"}',
    '[{"a":1},{"a":1}]',
    '"text"',
    '{"a":"a","b":"a"}',
    '{"__proto__":1}',
    '{"":{"":{"":0}}}',
    '{"a":"\\ud83e\\udd99","\\u00e9":"🦙"}',
    ' 3 ',
  ])('gives what JSON.parse gives: %s', (text) => expect(parse(text)).toEqual(JSON.parse(text)));

  it.each(['', '{', '{"a"', '"\\', '[1,]', '{"a":1,}', '{"a\\x":1}', '{a:1}', 'NaN', '[1]]', '"a" "b"'])(
    'refuses what is no JSON: %s',
    (text) => expect(() => parse(text)).toThrow('is not JSON'),
  );

  it.each([
    ['{"a":1,"a":1}', '"a" twice'],
    ['{"a":1,"b":{"c":[{"x":1,"x":2}]}}', '"x" twice'],
    ['{"a":1,"\\u0061":2}', '"a" twice'],
    ['{"a":{"b":1},"b":2,"a":3}', '"a" twice'],
    ['{"__proto__":1,"__proto__":2}', '"__proto__" twice'],
    ['{"a":"\\ud83e"}', 'surrogate'],
    ['{"\\udd99":1}', 'surrogate'],
    [`{"${'k'.repeat(1_000_000)}":1}`, '1000000 characters'],
    [`${'['.repeat(101)}${']'.repeat(101)}`, 'nested deeper than 100'],
    [`${'{"a":'.repeat(200_000)}`, 'nested deeper than 100'],
    [`[${'0,'.repeat(2000)}0]`, 'more than 1000 values'],
    [`{${Array.from({ length: 1001 }, (_, at) => `"${at}":0`).join()}}`, 'more than 1000 values'],
  ])('refuses what would be changed in silence, or is beyond the bounds: %.40s', (text, problem) =>
    expect(() => parse(text)).toThrow(problem),
  );

  it.each([[0xff], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]])(
    'refuses bytes that are not UTF-8',
    (...bytes) => expect(() => parse(Uint8Array.from(bytes))).toThrow('is not UTF-8'),
  );

  it('takes time that grows with the length', () => {
    const texts = (size: number) => [
      `{"a":"${'\\"'.repeat(size)}"}`,
      `{"a":"${'\\u0061'.repeat(size)}`,
      '[],'.repeat(size),
    ];
    const all = (size: number) =>
      texts(size).map((text) => {
        try {
          return parseStrictJson(Buffer.from(text), { values: Infinity, keyLength: Infinity });
        } catch {
          return null;
        }
      });
    expect(timeGrowth(all, 50_000, 400_000)).toBeLessThan(24);
  });
});
