import { processorMs, slowness } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { groupNearEqual } from './near-equal.ts';

const words = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `w${from + at}`).join(' ');

describe('groupNearEqual', () => {
  it('keeps a chain in one group, whose ends are unlike each other, whatever the order', () => {
    const chain = [words(4, 24), words(0, 20), words(6, 26), words(2, 22)];
    for (const texts of [chain, chain.toReversed(), [...chain, 'Something else altogether, my friend']]) {
      const groups = [...groupNearEqual(texts)];
      expect(groups.slice(0, 4)).toEqual(Array(4).fill(texts.indexOf(words(0, 20))));
    }
  });

  it('keeps equal texts together, also those without a word', () => {
    expect([...groupNearEqual(['?', 'Hi', '!', ' ?', 'hi'])]).toEqual([0, 1, 2, 0, 1]);
  });

  it('keeps the examples of a classification on their own, though they share an instruction', () => {
    const texts = Array.from(
      { length: 100 },
      (_, at) => `Classify the sentiment of this review as one word: film ${at}`,
    );
    expect([...groupNearEqual(texts)]).toEqual([...texts.keys()]);
  });

  it('takes a few seconds at most for 10,000 questions of which each fifth shares a template', () => {
    const texts = Array.from(
      { length: 10_000 },
      (_, at) => `${at % 5 === 0 ? 'Say what the people who wrote the following text wanted:' : `${at} is`} ${at * 7}`,
    );
    expect(processorMs(() => groupNearEqual(texts)) / slowness()).toBeLessThan(5000);
  });
});
