import { describe, expect, it } from 'vitest';
import { readWords } from './read-words.ts';

describe('readWords', () => {
  it('counts words, numbers and ideographs, whatever stands between', () => {
    const words = readWords('It’s 3.14 — snake_case, «Größe» 法国。');
    // it's, 3, 14, snake, case, größe, 法, 国
    expect(words.lengths).toEqual([4, 1, 2, 5, 4, 5, 1, 1]);
    expect(words).toMatchObject({ numbers: 2, longNumbers: 0, ideographs: 2 });
    expect(readWords('12 and 345 of 6,789.10')).toMatchObject({ numbers: 5, longNumbers: 2 });
  });

  it('takes words for the same in any case and with either apostrophe, and not for another', () => {
    const [first, second, third] = readWords("Don't DON’T dont").hashes;
    expect(first).toBe(second);
    expect(third).not.toBe(first);
    expect(readWords('rotate').stems).toEqual(readWords('rotating').stems);
  });

  it('ends a word before an apostrophe that nothing follows', () => {
    expect(readWords("the cats' tails 'quoted'").lengths).toEqual([3, 4, 5, 6]);
    expect(readWords("'").hashes).toEqual([]);
  });

  it('knows how many words stand before each line break', () => {
    expect(readWords('one two\n\nthree').breaks).toEqual([2, 2]);
  });
});
