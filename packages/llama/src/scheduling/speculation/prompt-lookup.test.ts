import { describe, expect, it } from 'vitest';
import { promptLookup } from './prompt-lookup.ts';

const draft = (tokens: readonly number[], most: number) => {
  const text = { sequence: 0, tokens: Int32Array.from(tokens) };
  const [drafted] = promptLookup.draft([{ text, length: most }]);
  expect(promptLookup.offer(text, most)).toBe(drafted?.length);
  return drafted;
};

describe('promptLookup', () => {
  it('drafts what followed the last tokens when they stood before', () => {
    expect(draft([1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3, 4], 3)).toEqual([5, 6, 7]);
    expect(draft([1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3, 4], 2)).toEqual([5, 6]);
  });

  it('prefers the longest match, and of equally long ones the last', () => {
    expect(draft([7, 1, 2, 3, 4, 30, 8, 1, 2, 3, 4, 40, 7, 1, 2, 3, 4], 1)).toEqual([30]);
    expect(draft([1, 2, 3, 4, 30, 1, 2, 3, 4, 40, 1, 2, 3, 4], 1)).toEqual([40]);
  });

  it('drafts the repetition of a text that repeats itself, up to its end', () => {
    expect(draft([5, 6, 5, 6, 5, 6], 10)).toEqual([5, 6]);
    expect(draft([4, 4, 4, 4, 4], 10)).toEqual([4]);
  });

  it('has no guess where only a few tokens were found again, or the text is short', () => {
    expect(draft([1, 2, 3, 4, 5, 9, 2, 3, 4], 5)).toEqual([]);
    expect(draft([1], 5)).toEqual([]);
    expect(draft([], 5)).toEqual([]);
    expect(draft([1, 2, 3, 4, 5, 1, 2, 3, 4], 0)).toEqual([]);
  });
});
