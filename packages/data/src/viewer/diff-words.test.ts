import { describe, expect, it } from 'vitest';
import { diffWords, type Segment } from './diff-words.ts';

const marked = (segments: readonly Segment[]) =>
  segments.map(({ text, differs }) => (differs ? `[${text}]` : text)).join('');
const both = (left: string, right: string) => {
  const diff = diffWords(left, right);
  return [marked(diff.left), marked(diff.right)];
};

describe('diffWords', () => {
  it.each([
    ['the same', 'the same', 'the same', 'the same'],
    ['', 'new', '', '[new]'],
    ['a red cat sat', 'a blue cat sat', 'a [red] cat sat', 'a [blue] cat sat'],
    ['one two', 'one and two', 'one two', 'one [and ]two'],
    ['x, 2 cats?', 'x, 3 cats!', 'x, [2] cats[?]', 'x, [3] cats[!]'],
    ['take red hats now', 'take blue socks now', 'take [red hats] now', 'take [blue socks] now'],
  ])('%j against %j', (left, right, ...expected) => {
    expect(both(left, right)).toEqual(expected);
  });

  it('marks everything between equal ends if there are too many words to compare', () => {
    const words = (name: string) => Array.from({ length: 2000 }, (_, at) => `${name}${at}`).join(' ');
    const { left } = diffWords(`same ${words('a')} end`, `same ${words('b')} end`);
    expect(left.map(({ differs }) => differs)).toEqual([false, true, false]);
  });

  it('loses no character of any text', () => {
    const text = 'naïve 猫\u202e\ud800 x\n\n\ty';
    const { left, right } = diffWords(text, `${text} more`);
    expect(left.map((segment) => segment.text).join('')).toBe(text);
    expect(right.map((segment) => segment.text).join('')).toBe(`${text} more`);
  });
});
