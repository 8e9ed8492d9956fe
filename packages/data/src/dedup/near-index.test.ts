import { describe, expect, it } from 'vitest';
import { createNearIndex } from './near-index.ts';

const words = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `w${from + at}`).join(' ');
const filler = (count: number) => Array.from({ length: count }, (_, at) => `Text ${at} of ${at * 7} about ${at * 13}`);

describe('createNearIndex', () => {
  it('finds every near-equal text, the first and the last of a chain too, which are unlike each other', () => {
    // Each differs from the next by two of 20 words: 16 of 20 shingles in common, then 14 of 22.
    const chain = [words(0, 20), words(2, 22), words(4, 24)] as const;
    const { find } = createNearIndex([...chain, ...filler(20)], 0.7);
    expect(chain.map((text) => find(text))).toEqual([
      [0, 1],
      [0, 1, 2],
      [1, 2],
    ]);
  });

  it.each([
    ['a prefix', (content: string) => `Classify the sentiment of this review as good or bad: ${content}`],
    ['a suffix', (content: string) => `${content} Is what this person writes about the film good or bad?`],
    ['a frame', (content: string) => `Read this review: ${content} And now say how much the person liked the film.`],
    ['a prefix of ideographs', (content: string) => `请判断以下评论的情感是正面还是负面:${content}`],
  ])('does not count %s that most texts share', (_, frame) => {
    const contents = ['a lovely film', 'dull from start to end', 'never again', 'the best of the year', 'so so', 'wow'];
    const { find } = createNearIndex(contents.map(frame), 0.7);
    expect(contents.map((content) => find(frame(content)))).toEqual(contents.map((_, at) => [at]));
    expect(find(frame(`${contents[1]}!`))).toEqual([1]);
  });

  it('does not count several templates of one set either', () => {
    const frames = [
      'Name the mood of the text that follows:',
      'Is the writer of this happy or sad today?',
      'Label it now please:',
    ];
    const texts = Array.from({ length: 60 }, (_, at) => `${frames[at % 3]} story ${at} told by ${at * 17} people`);
    const { find } = createNearIndex(texts, 0.7);
    expect(texts.map((text) => find(text))).toEqual(texts.map((_, at) => [at]));
  });

  it('compares texts that are only template by all they have, and texts without words not at all', () => {
    const { find } = createNearIndex([...Array(6).fill('How do I start a new note?'), '!?', 'Hi'], 0.7);
    expect(find('How do I start a new note')).toEqual([0, 1, 2, 3, 4, 5]);
    expect([find('?'), find('hi!')]).toEqual([[], [7]]);
  });
});
