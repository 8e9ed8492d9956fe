import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowness } from '../testing/slowness.ts';
import { processorMs } from '../testing/time-growth.ts';
import { findDoubledKey } from './doubled-key.ts';

describe('findDoubledKey', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1 , "b":{"c":[{"d":1,"e":2,"d":3}]}}', 'd'],
    ['{"a":1,"\\u0061" :2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"a\\"":1,"a\\\\":2,"a\\\\":3}', 'a\\'],
    ['[{"__proto__":1,"__proto__":2}]', '__proto__'],
  ])('names the key of %s', (text, key) => {
    expect(findDoubledKey(text)).toBe(key);
  });

  it.each([
    '{"a":{"a":{"a":"a"}},"b":["a","a"]}',
    '[{"a":1},{"a":1}]',
    '{"a":"\\"a\\":1,\\"a\\":2","b":"{\\"a\\":1}"}',
    '{"a":"\\\\","b":"\\\\\\"","c":"a"}',
    '"a"',
    '3',
  ])('finds none in %s', (text) => {
    expect(findDoubledKey(text)).toBeNull();
  });

  it('finds none in whatever JSON.stringify writes, and one as soon as a key is written twice', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 4 }),
        (object) => {
          const text = JSON.stringify(object, null, 1);
          expect(findDoubledKey(text)).toBeNull();
          const [first = ''] = Object.keys(object);
          expect(findDoubledKey(`${text.slice(0, -1)}, ${JSON.stringify(first)}: 0}`)).toBe(first);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it('is linear in backslashes, quotes and depth', () => {
    const text = `{"a":"${'\\\\'.repeat(100_000)}","b":"${'\\"'.repeat(100_000)}","c":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(processorMs(() => expect(findDoubledKey(text)).toBeNull()) / slowness()).toBeLessThan(2000);
  });
});
