import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ownQuestions } from './own-questions.ts';
import type { ChoiceItem, GenerationItem } from './task.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-own-'));
afterAll(() => rmSync(folder, { recursive: true }));
function write(...rows: readonly object[]): string {
  const path = join(folder, 'mine.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

describe('ownQuestions', () => {
  it('asks for an answer, and compares it without case, punctuation and spaces around it', async () => {
    const path = write({ q: 'Capital of France?', a: 'Paris' }, { q: '1 + 1?', a: 2 });
    const { name, items } = await ownQuestions(path, { question: 'q', answer: 'a' });
    const [first, second] = items as GenerationItem[];
    expect(name).toBe('mine');
    expect(first?.request).toMatchObject({
      prompt: 'Question: Capital of France?\nAnswer:',
      stop: ['\n\n'],
      maxTokens: 256,
    });
    expect(first?.score('  paris.\n')).toEqual({ exact_match: 1 });
    expect(first?.score('It is Paris')).toEqual({ exact_match: 0 });
    expect(second?.score('2')).toEqual({ exact_match: 1 });
  });

  it('shows other rows as examples, with the text of their right choice', async () => {
    const rows = [1, 2, 3].map((at) => ({ question: `Which is ${at}?`, choices: ['a', 'b', `c${at}`], answer: 2 }));
    const { items } = await ownQuestions(write(...rows), { choices: 'choices' }, { shots: 2, limit: 1 });
    const [item] = items as ChoiceItem[];
    expect(item?.request.choices).toEqual([' a', ' b', ' c1']);
    const parts = item?.request.context.split('\n\n');
    expect(parts?.slice(0, 2).toSorted()).toEqual([
      'Question: Which is 2?\nAnswer: c2',
      'Question: Which is 3?\nAnswer: c3',
    ]);
    expect(parts?.[2]).toBe('Question: Which is 1?\nAnswer:');
  });

  it.each([
    { answer: 'b', what: 'its text' },
    { answer: 1, what: 'its place' },
    { answer: 'B', what: 'its letter' },
  ])('takes the key $answer as $what', async ({ answer }) => {
    const { items } = await ownQuestions(write({ question: 'Which?', choices: ['a', 'b', 'long one'], answer }), {
      choices: 'choices',
    });
    const [item] = items as ChoiceItem[];
    expect(item?.score([-2, -1, -3])).toEqual({ acc: 1, acc_norm: 0 });
    expect(item?.score([-3, -1, -9])).toEqual({ acc: 1, acc_norm: 1 });
  });

  it.each([
    [
      { question: 'Which?', choices: ['a', 'b'], answer: 'c' },
      'EVAL_KEY',
      'is one of ["a","b"], its place from 0 to 1, or its letter, but it is "c"',
    ],
    [{ question: 'Which?', choices: ['a', 'b'], answer: 2 }, 'EVAL_KEY', 'but it is 2'],
    [{ question: 'Which?', choices: ['a'], answer: 'a' }, 'EVAL_ROW', 'a list of at least two texts'],
    [
      { prompt: 'Which?', choices: ['a', 'b'], answer: 'a' },
      'EVAL_ROW',
      'has no field "question"; it has prompt, choices, answer',
    ],
    [
      { question: 'Which?', choices: ['a', 'b'], answer: ['a'] },
      'EVAL_ROW',
      'a text or a number in "answer", but it has ["a"]',
    ],
  ])('refuses %j', async (row, code, message) => {
    const good = { question: 'Which?', choices: ['a', 'b'], answer: 'a' };
    const reading = ownQuestions(write(good, row), { choices: 'choices' });
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await expect(reading).rejects.toThrow('Row 2');
  });
});
