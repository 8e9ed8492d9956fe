import { describe, expect, it } from 'vitest';
import { exactMatch } from './exact-match.ts';
import { extractMatch, NO_MATCH } from './extract-match.ts';
import { WORD_BOUNDARY } from './python-text.ts';

// Every expected value was computed by lm-eval 0.4.13, NumPy 2.

describe('exactMatch', () => {
  it('ignores case, punctuation of ASCII and what is named', () => {
    expect(exactMatch("It's!", 'its', { ignoreCase: true, ignorePunctuation: true })).toBe(true);
    expect(exactMatch('it’s', 'its', { ignorePunctuation: true })).toBe(false);
    expect(exactMatch('a,b', 'ab', { ignore: [/,/g] })).toBe(true);
    expect(exactMatch('A', 'a')).toBe(false);
  });

  it('compares as NumPy does: NUL at the end is nothing, and a small letter is no wider than the capital', () => {
    expect(exactMatch('a\0', 'a')).toBe(true);
    expect(exactMatch('\0', '')).toBe(true);
    expect(exactMatch('a\0b', 'ab')).toBe(false);
    expect(exactMatch('a,\0', 'a', { ignore: [/,/g] })).toBe(true);
    expect(exactMatch('İ', 'i', { ignoreCase: true })).toBe(true);
  });
});

describe('extractMatch', () => {
  it('takes the match that was asked for, without spaces around it as Python sees them', () => {
    expect(extractMatch('1 2 3', /[0-9]/g)).toBe('1');
    expect(extractMatch('1 2 3', /[0-9]/g, -1)).toBe('3');
    expect(extractMatch('1 2 3', /[0-9]/g, 5)).toBe(NO_MATCH);
    expect(extractMatch('x\u2028  y \x1c\n', /x([^\n]*)/g)).toBe('y');
  });

  it('takes the first of several groups that is not empty, and a single group as it is', () => {
    expect(extractMatch('zx', /(a)|(b)?x/g)).toBe(NO_MATCH);
    expect(extractMatch('bx', /(a)|(b)?x/g)).toBe('b');
    expect(extractMatch('x', /x(y?)/g)).toBe('');
  });

  it('finds the borders of words in every script', () => {
    const words = new RegExp(`${WORD_BOUNDARY}(True|False)${WORD_BOUNDARY}`, 'gu');
    expect(extractMatch('éTrue False', words)).toBe('False');
    expect(extractMatch('_True', words)).toBe(NO_MATCH);
    expect(extractMatch('True.', words)).toBe('True');
  });
});
