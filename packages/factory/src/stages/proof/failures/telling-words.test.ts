import { describe, expect, it } from 'vitest';
import { tellingWords, wordsOf } from './telling-words.ts';

const texts = [
  ...Array.from({ length: 12 }, (_, at) => `Set an alarm for ${at} o'clock`),
  ...Array.from({ length: 12 }, (_, at) => `What is the sum of ${at} and ${at}?`),
  ...Array.from({ length: 12 }, (_, at) => `What is the name of friend ${at}?`),
].map(wordsOf);
const from = (first: number, count: number) => new Set(Array.from({ length: count }, (_, at) => first + at));

describe('tellingWords', () => {
  it('names what the group has and others have not, and not what all share', () => {
    expect(tellingWords(texts, from(12, 12), 8).map(({ word }) => word)).toEqual(['and', 'sum']);
    const [first] = tellingWords(texts, from(0, 12), 8);
    expect(first).toMatchObject({ word: 'alarm', questions: 12 });
  });

  it('agrees with the formula by hand', () => {
    // Words of texts: 2 of 3 in the group have a and b; the other text has b alone. Prior: 10 × 2 / 5 of a.
    const [word] = tellingWords([new Set(['aa', 'bb']), new Set(['aa', 'bb']), new Set(['bb'])], new Set([0, 1]), 1, 0);
    const prior = (10 * 2) / 5;
    const odds = Math.log((2 + prior) / (4 + 10 - 2 - prior)) - Math.log(prior / (1 + 10 - prior));
    expect(word?.word).toBe('aa');
    expect(word?.z).toBeCloseTo(odds / Math.sqrt(1 / (2 + prior) + 1 / prior), 12);
  });

  it('has none for all texts together, or for texts like the others', () => {
    expect(tellingWords(texts, from(0, 36), 8)).toEqual([]);
    expect(
      tellingWords(
        [...texts, ...texts].map(() => wordsOf('the same')),
        from(0, 9),
        8,
      ),
    ).toEqual([]);
  });

  it('takes letters of any language and no numbers', () => {
    expect([...wordsOf("Größe 12 O'Brien's 7 x a1")]).toEqual(['größe', "o'brien's"]);
  });
});
