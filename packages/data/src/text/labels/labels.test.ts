import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { labelDifficulty } from './label-difficulty.ts';
import { labelDomain } from './label-domain.ts';
import { labelRow } from './label-row.ts';

const texts = (question: string, answer = '', before = '') => ({ before, question, answer });

describe('labelDomain', () => {
  it.each([
    ['math', 'Tom has 12 apples and buys 7 more. How many apples does he have now?', '12 + 7 = 19. He has 19 apples.'],
    ['math', 'Solve for x: 3x + 4 = 19', 'x = 5'],
    ['coding', 'Write a Python function that reverses a string.', 'def reverse(text):\n    return text[::-1]'],
    ['coding', 'Find all users older than 30.', 'SELECT name FROM users WHERE age > 30;'],
    [
      'summarization',
      'Summarize the following article in two sentences.\nThe city council met on Monday.',
      'The council met.',
    ],
    ['reasoning', 'Three birds sit in a fixed order. The owl is the leftmost. Which statement must be true?', '(A)'],
    ['reading', 'Given the following passage, answer the question.\nPassage: Ann went home. Who went home?', 'Ann'],
    [
      'common_sense',
      'Sammy wanted to go to where the people were. Where might he go?\nOptions:\n- desert\n- town\n- roof',
      'town',
    ],
    ['instruction_following', 'Rewrite the sentence in all capital letters, in exactly three words.', 'HERE IT IS'],
    ['tool_use', 'What is the weather in Oslo?', '{"name": "get_weather", "arguments": {"city": "Oslo"}}'],
  ])('says %s', (domain, question, answer) => {
    expect(labelDomain(texts(question, answer))).toMatchObject({
      domain,
      reasons: expect.arrayContaining([expect.any(String)]),
    });
  });

  it('gives no domain without a cue', () => {
    expect(labelDomain(texts('Hello there!', 'Hello!'))).toEqual({ domain: null, reasons: [] });
    expect(labelDomain(texts('', ''))).toEqual({ domain: null, reasons: [] });
  });

  it('recognises tools that an earlier turn describes', () => {
    const tools = 'You have access to the following functions: {"name": "get_time", "parameters": {"type": "object"}}';
    expect(labelDomain(texts('What time is it?', 'I will look.', tools)).domain).toBe('tool_use');
  });

  it('reads the task at the ends of a long question, and takes linear time', () => {
    const long = `${'The council met on Monday. '.repeat(40_000)}\nTL;DR:`;
    expect(labelDomain(texts(long)).domain).toBe('summarization');
    for (const piece of ['if ', 'what would ', '\n- ', '"name":', '1+', 'if (', 'a', ' ']) {
      const label = (repeats: number) => labelDomain(texts(piece.repeat(repeats), piece.repeat(repeats)));
      expect([piece, timeGrowth(label, 2e4, 16e4) < 8 * 4]).toEqual([piece, true]);
    }
  });
});

describe('labelDifficulty', () => {
  it('labels a row as hard by its features, and says why', () => {
    const sum = (calculations: number) => texts('How much in all?', '2 * 3 = 6\n'.repeat(calculations));
    expect(labelDifficulty(sum(2), 'math')).toEqual({ difficulty: 'easy', reasons: [] });
    expect(labelDifficulty(texts('In all?', '2 * 3 = <<2*3=6>>6\n'.repeat(2)), 'math').difficulty).toBe('easy');
    expect(labelDifficulty(sum(4), 'math')).toEqual({
      difficulty: 'hard',
      reasons: ['4 steps in the answer, hard from 4'],
    });
    expect(labelDifficulty(texts('word '.repeat(120), 'b'), 'reasoning').difficulty).toBe('hard');
    expect(labelDifficulty(texts('word '.repeat(120), 'b'), 'reading').difficulty).toBe('easy');
  });
});

describe('labelRow', () => {
  it('keeps existing labels', () => {
    const question = texts('Solve for x: 3x + 4 = 19', 'x = 5');
    expect(labelRow(question, { domain: 'reading', difficulty: 'hard' })).toMatchObject({
      domain: { domain: 'reading' },
      difficulty: { difficulty: 'hard' },
    });
    expect(labelRow(question, { domain: null, difficulty: null })).toMatchObject({
      domain: { domain: 'math' },
      difficulty: { difficulty: 'easy' },
    });
  });
});
