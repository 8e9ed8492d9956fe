import { describe, expect, it } from 'vitest';
import { byteCount, parseCall, wholeNumber } from './parse-call.ts';
import { verb as build } from './verbs/build.ts';

describe('an option', () => {
  it('that takes one value is refused with two, since the last would win in silence', () => {
    const until = (...names: string[]) =>
      parseCall('build', build, ['recipe.yaml', ...names.flatMap((name) => ['--until', name])]);
    expect(until('train').options.until).toBe('train');
    expect(() => until('train', 'merge')).toThrow(
      expect.objectContaining({ code: 'USAGE', message: '--until takes one value and got two: train and merge.' }),
    );
    const twice = parseCall('build', build, ['recipe.yaml', '--set', 'seed=1', '--set', 'name=a']);
    expect(twice.options.set).toEqual(['seed=1', 'name=a']);
  });
});

describe('a whole number', () => {
  it('is refused with the nearest one that may be typed', () => {
    expect(wholeNumber('port', '8420', 0, 65_535)).toBe(8420);
    for (const [text, near] of [
      ['99999', 65_535],
      ['1e3', 1000],
      ['-5', 1],
      ['4.5', 5],
      ['many', 1],
      ['', 1],
      ['9'.repeat(400), 65_535],
    ]) {
      expect(() => wholeNumber('port', String(text), 1, 65_535)).toThrow(
        expect.objectContaining({
          message: `--port is "${text}"; it must be a whole number from 1 to 65535.`,
          hint: `For example: --port ${near}`,
        }),
      );
    }
  });
});

describe('byteCount', () => {
  it('takes bytes and binary units, and refuses what is neither', () => {
    expect(['500', '2k', '500M', '1G'].map((text) => byteCount('adapter-memory', text))).toEqual([
      500,
      2048,
      500 * 2 ** 20,
      2 ** 30,
    ]);
    for (const text of ['', '-1', '1.5G', '1T', 'M', '9'.repeat(10)]) {
      expect(() => byteCount('adapter-memory', text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});
