import type { Answer } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { changeIn } from './compare-answers.ts';

const answers = (domain: string, right: number, all: number) =>
  Array.from({ length: all }, (_, at) => ({ question_id: `${domain}-${at}`, domain, correct: at < right })) as Answer[];

describe('changeIn', () => {
  // 6 of 40 right after none: certain for one comparison, not for one of nine.
  it('judges a modifier of one domain together with all domains that the model before it answered', () => {
    const after = answers('reasoning', 6, 40);
    const before = answers('reasoning', 0, 40);
    const others = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((domain) => answers(domain, 0, 6));
    expect(changeIn(before, after, 'reasoning')).toBe('up');
    expect(changeIn([...before, ...others], after, 'reasoning')).toBe('unclear');
    expect(changeIn(others, after, 'reasoning')).toBeNull();
  });
});
