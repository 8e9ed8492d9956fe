import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { gsm8k, scoreGsm8k } from './gsm8k.ts';

const rows = Array.from({ length: 30 }, (_, at) => ({
  question: `How much is ${at} + 1?`,
  answer: `It is ${at + 1}.\n#### ${at + 1}`,
}));
const file = (path: string, from: readonly { question: string; answer: string }[]) => ({ path, rows: from });

describe('scoreGsm8k', () => {
  it.each([
    // Answer, key, strict-match and flexible-extract of lm-eval 0.4.13.
    ['She has 16 - 3 = 13 left.\n#### 13', '13', 1, 1],
    ['#### 1,234', '1234', 1, 1],
    ['#### 12 and later #### 13', '13', 0, 1],
    ['The answer is $18.00.', '18', 0, 0],
    ['The answer is $18.', '18', 0, 1],
    ['so 5 - 3 = 2', '-3', 0, 0],
    ['#### -3.', '-3', 1, 1],
    ['####  7', '7', 0, 1],
    ['no number', '7', 0, 0],
    ['7 ...', '7', 0, 0],
    ['#### 7\n.', '7', 1, 1],
    ['٣ apples', '3', 0, 0],
    ['', '3', 0, 0],
    ['#### $5', '5', 0, 1],
    ['#### 2,500.50', '2500.50', 1, 1],
  ])('%j for %s', (answer, key, strict, flexible) => {
    expect(scoreGsm8k(answer, `x = 1.\n#### ${key}`)).toEqual({ 'strict-match': strict, 'flexible-extract': flexible });
  });
});

describe('gsm8k', () => {
  it('shows as many examples as asked for before each question, other ones each time', () => {
    const { items, shots } = gsm8k(file('test.jsonl', rows.slice(0, 2)), file('train.jsonl', rows.slice(2)));
    expect(shots).toBe(5);
    const [first, second] = items.map(({ request }) => (request.kind === 'generate' ? request.prompt : ''));
    // lm-eval's sampler draws 24, 14, 3, 0 and 2 of 28.
    expect(first?.split('\n\n')).toEqual([
      ...[26, 16, 5, 2, 4].map((at) => `Question: How much is ${at} + 1?\nAnswer: It is ${at + 1}.\n#### ${at + 1}`),
      'Question: How much is 0 + 1?\nAnswer:',
    ]);
    expect(second).toMatch(/Question: How much is 1 \+ 1\?\nAnswer:$/);
    expect(second?.slice(0, 200)).not.toBe(first?.slice(0, 200));
  });

  it('stops where lm-eval stops, and scores an item by its own key', () => {
    const [item] = gsm8k(file('train.jsonl', rows), null, { shots: 0, limit: 1 }).items;
    expect(item?.request).toEqual({
      kind: 'generate',
      prompt: 'Question: How much is 0 + 1?\nAnswer:',
      stop: ['Question:', '</s>', '<|im_end|>'],
      maxTokens: 256,
    });
    expect(
      item?.request.kind === 'generate' && 'score' in item && (item.score as (answer: string) => object)('#### 1'),
    ).toEqual({
      'strict-match': 1,
      'flexible-extract': 1,
    });
  });

  it('never shows the item itself where its own file gives the examples', () => {
    for (const { request } of gsm8k(file('train.jsonl', rows), null).items) {
      const asked = request.kind === 'generate' ? request.prompt.split('\n\n') : [];
      expect(asked).toHaveLength(6);
      expect(asked.filter((part) => part.startsWith((asked[5] as string).replace('Answer:', '')))).toHaveLength(1);
    }
  });

  it('refuses a key without a number, with its place', () => {
    const broken = [...rows.slice(0, 3), { question: 'Why?', answer: 'Because.' }];
    expect(() => gsm8k(file('test.jsonl', broken), null)).toThrow('Row 4 of test.jsonl');
    expect(() => gsm8k(file('test.jsonl', broken), null)).toThrow('ends with "Because."');
  });

  it('scores in linear time', () => {
    expect(timeGrowth((size) => scoreGsm8k('9'.repeat(size), '#### 9'), 4000, 32_000)).toBeLessThan(24);
  });
});
