import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { mathTasks } from './math-tasks.ts';

const task = (name: string) => mathTasks.find((one) => one.name === `math/${name}`)!;
const draws = (name: string, difficulty: 'easy' | 'hard', wording: string, count = 300) =>
  Array.from({ length: count }, (_, at) => task(name).draw(createRandom(`math/${at}`), difficulty, wording));
const numbers = (text: string) => [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
const calculate = (left: number, sign: string, right: number) => (sign === '+' ? left + right : left - right);

// Each test reads the question and calculates the answer by another method than the generator's.

describe('math/sum', () => {
  it.each(['easy', 'hard'] as const)('ends in the right value (%s)', (difficulty) => {
    for (const { question, answer } of draws('sum', difficulty, 'plain')) {
      const [, left, sign, right] = /(\d+) ([+-]) (\d+)/.exec(question)!;
      expect(Number(/-?\d+$/.exec(answer)![0])).toBe(calculate(Number(left), sign!, Number(right)));
    }
  });

  it('shows only true steps when it splits tens and ones', () => {
    for (const { answer } of draws('sum', 'hard', 'plain')) {
      const steps = [...answer.matchAll(/(\d+) ([+-]) (\d+) = (-?\d+)/g)];
      expect(steps).toHaveLength(2);
      for (const [, left, sign, right, value] of steps) {
        expect(calculate(Number(left), sign!, Number(right))).toBe(Number(value));
      }
      expect(steps.reduce((sum, step) => sum + Number(step[4]), 0)).toBe(Number(/-?\d+$/.exec(answer)![0]));
    }
  });

  it('accepts the value with or without steps, and no other value', async () => {
    const { check } = task('sum');
    for (const right of ['37', ' 37. ', '23 + 14 = 37', '20 + 10 = 30, 3 + 4 = 7, 37', 'It is 37.']) {
      expect(await check(37, right)).toEqual({ correct: true });
    }
    for (const wrong of ['36', '37 or 38', '137', '-37', '3 7', 'thirty-seven', '37 38']) {
      expect(await check(37, wrong)).toMatchObject({ correct: false });
    }
  });
});

describe('math/story', () => {
  it.each(['easy', 'hard'] as const)('counts what is there at the end (%s)', (difficulty) => {
    for (const { question, answer } of draws('story', difficulty, 'plain')) {
      const [has, change, more = 0] = numbers(question) as [number, number, number?];
      const gains = /(gets|finds|buys) \d/.test(question.replace(/and then finds \d+ more/, ''));
      expect(Number(answer)).toBe(has + (gains ? change : -change) + more);
    }
  });
});

describe('math/compare', () => {
  it.each(['easy', 'hard'] as const)('finds the largest and the smallest (%s)', (difficulty) => {
    for (const { question, answer } of draws('compare', difficulty, 'which')) {
      const sorted = numbers(question).toSorted((left, right) => left - right);
      expect(Number(answer)).toBe(question.includes('largest') ? sorted.at(-1) : sorted[0]);
    }
  });
});

describe('math/count', () => {
  it.each(['easy', 'hard'] as const)('counts the requested word (%s)', (difficulty) => {
    for (const { question, answer } of draws('count', difficulty, 'count')) {
      const [, asked, row] = /^Count the word (\w+): (.*)\.$/.exec(question)!;
      expect(row!.split(', ').filter((word) => word === asked)).toHaveLength(Number(answer));
    }
  });
});
