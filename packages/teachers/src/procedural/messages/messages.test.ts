import { describe, expect, it } from 'vitest';
import { makeFollowUps, makeGeneralPrompts, makeOpenings } from './index.ts';

describe.each([makeFollowUps, makeOpenings, makeGeneralPrompts])('%o', (make) => {
  it('makes as many different messages as are asked for, the same for the same seed', () => {
    const train = make({ count: 600, split: 'train', seed: 1 });
    expect(new Set(train).size).toBe(600);
    expect(make({ count: 600, split: 'train', seed: 1 })).toEqual(train);
    expect(make({ count: 600, split: 'train', seed: 2 })).not.toEqual(train);
    expect(train.join('')).not.toMatch(/[#@%&~]/);
  });

  it('never tests a message that could be learned', () => {
    const plain = (text: string) => text.toLowerCase().replace(/\d+/g, '#');
    const learned = new Set(make({ count: 3000, split: 'train', seed: 1 }).map(plain));
    const tested = make({ count: 200, split: 'test', seed: 1 });
    expect(tested.length).toBe(200);
    expect(tested.filter((text) => learned.has(plain(text)))).toEqual([]);
  });
});
