import { defineTask } from '../define-task.ts';
import type { Task } from '../task.ts';
import { COUNTED_FOODS, FOODS, NAMES, OBJECTS, plural } from '../words/words.ts';

const THINGS = [...OBJECTS, ...COUNTED_FOODS].map(plural);

/** Sums and differences; two-digit ones are worked digit by digit, a form that small models can learn. */
const sums = defineTask<{ left: number; right: number; sign: string; word: string }>({
  name: 'math/sum',
  known: {
    plain: ({ left, right, sign }) => `What is ${left} ${sign} ${right}?`,
    compute: ({ left, right, sign }) => `Compute ${left} ${sign} ${right}.`,
    word: ({ left, right, word }) => `What is ${left} ${word} ${right}?`,
    short: ({ left, right, sign }) => `${left} ${sign} ${right} = ?`,
  },
  unseen: {
    tell: ({ left, right, sign }) => `Tell me the answer of ${left} ${sign} ${right}.`,
    give: ({ left, right, word }) => `Please give me ${left} ${word} ${right}.`,
  },
  make(random, difficulty) {
    const minus = random.chance(0.4);
    const most = difficulty === 'easy' ? 10 : 49;
    const [low, high] = [random.integer(1, most), random.integer(difficulty === 'easy' ? 1 : 11, most)].sort(
      (a, b) => a - b,
    ) as [number, number];
    const [left, right] = minus ? [high, low] : [low, high];
    const value = minus ? left - right : left + right;
    const answer = difficulty === 'easy' ? String(value) : worked(left, right, minus, value);
    return {
      content: { left, right, sign: minus ? '-' : '+', word: minus ? 'minus' : 'plus' },
      answer,
      wrongAnswer: String(value + random.pick([-1, 1])),
      key: `${left} ${minus ? '-' : '+'} ${right}`,
      facts: value,
    };
  },
  check: (facts, answer) => {
    const last = answer.slice(-60).trim().replace(/\.$/, '').split(/\s|=/).at(-1);
    return last === String(facts) ? { correct: true } : { correct: false, reason: `expected ${facts}, got "${last}"` };
  },
});

/** Splits tens and ones: `20 + 10 = 30, 3 + 4 = 7, 37` for 23 + 14. */
function worked(left: number, right: number, minus: boolean, value: number): string {
  const sign = minus ? '-' : '+';
  const [tens, ones] = [Math.floor(left / 10) * 10, left % 10];
  const [otherTens, otherOnes] = [Math.floor(right / 10) * 10, right % 10];
  const tensValue = minus ? tens - otherTens : tens + otherTens;
  const onesValue = minus ? ones - otherOnes : ones + otherOnes;
  return `${tens} ${sign} ${otherTens} = ${tensValue}, ${ones} ${sign} ${otherOnes} = ${onesValue}, ${value}`;
}

/** How many things a person has after gaining or losing some. */
const stories = defineTask<{
  name: string;
  things: string;
  has: number;
  change: number;
  verb: string;
  second: string;
}>({
  name: 'math/story',
  known: {
    plain: ({ name, things, has, change, verb, second }) =>
      `${name} has ${has} ${things}. ${name} ${verb} ${change}${second}. How many ${things} does ${name} have now?`,
    first: ({ name, things, has, change, verb, second }) =>
      `How many ${things} does ${name} have at the end? ${name} has ${has} ${things} and ${verb} ${change}${second}.`,
    short: ({ name, things, has, change, verb, second }) =>
      `${name} has ${has} ${things} and ${verb} ${change}${second}. How many now?`,
    count: ({ name, things, has, change, verb, second }) =>
      `Count the ${things}: ${name} has ${has}. Then ${name} ${verb} ${change}${second}. How many are there?`,
  },
  unseen: {
    left: ({ name, things, has, change, verb, second }) =>
      `With ${has} ${things} to start, ${name} ${verb} ${change}${second}. What number of ${things} does ${name} have?`,
    tell: ({ name, things, has, change, verb, second }) =>
      `Tell me how many ${things} ${name} has now. First ${has}, then ${name} ${verb} ${change}${second}.`,
  },
  make(random, difficulty) {
    const gains = random.chance(0.5);
    const has = random.integer(3, 9);
    const change = random.integer(1, gains ? 9 : has - 1);
    const once = gains ? has + change : has - change;
    const more = difficulty === 'hard' ? random.integer(1, 5) : 0;
    const value = once + more;
    const name = random.pick(NAMES);
    const things = random.pick(THINGS);
    return {
      content: {
        name,
        things,
        has,
        change,
        verb: gains ? random.pick(['gets', 'finds', 'buys']) : random.pick(['loses', 'sells', 'gives away']),
        second: more > 0 ? ` and then finds ${more} more` : '',
      },
      answer: String(value),
      wrongAnswer: String(gains ? value - 1 : value + 1),
      key: `${name} ${things} ${has} ${gains ? '+' : '-'} ${change} ${more}`,
      facts: String(value),
      reasoning: `${has} ${gains ? '+' : '-'} ${change} = ${once}${more > 0 ? `, ${once} + ${more} = ${value}` : ''}.`,
    };
  },
});

/** The largest or smallest of some numbers. */
const compare = defineTask<{ numbers: number[]; asked: string }>({
  name: 'math/compare',
  known: {
    which: ({ numbers, asked }) => `Which number is the ${asked}: ${numbers.join(', ')}?`,
    find: ({ numbers, asked }) => `Find the ${asked} number: ${numbers.join(', ')}.`,
    of: ({ numbers, asked }) => `What is the ${asked} of ${numbers.join(', ')}?`,
    list: ({ numbers, asked }) => `Numbers: ${numbers.join(', ')}. What is the ${asked}?`,
  },
  unseen: {
    tell: ({ numbers, asked }) => `Look at ${numbers.join(', ')} and tell me the ${asked} one.`,
    pick: ({ numbers, asked }) => `From ${numbers.join(', ')}, name the ${asked}.`,
  },
  make(random, difficulty) {
    const pool = Array.from({ length: 99 }, (_, at) => at + 1);
    const numbers = random.sample(pool, difficulty === 'easy' ? 3 : 5);
    const largest = random.chance(0.5);
    const value = largest ? Math.max(...numbers) : Math.min(...numbers);
    return {
      content: { numbers, asked: largest ? 'largest' : 'smallest' },
      answer: String(value),
      wrongAnswer: String(numbers.find((number) => number !== value)),
      key: `${largest} ${numbers.join(' ')}`,
      facts: String(value),
    };
  },
});

/** How often a word occurs in a list of words. */
const counting = defineTask<{ row: string[]; asked: string }>({
  name: 'math/count',
  known: {
    plain: ({ row, asked }) => `How many times is ${asked} in this list: ${row.join(', ')}?`,
    count: ({ row, asked }) => `Count the word ${asked}: ${row.join(', ')}.`,
    first: ({ row, asked }) => `${row.join(', ')}. How many times do you read ${asked}?`,
    list: ({ row, asked }) => `List: ${row.join(', ')}. Count ${asked}.`,
  },
  unseen: {
    often: ({ row, asked }) => `How often do you see ${asked} here? ${row.join(', ')}`,
    number: ({ row, asked }) => `Give me the number of times that ${asked} is in ${row.join(', ')}.`,
  },
  make(random, difficulty) {
    const [asked, ...rest] = random.sample([...OBJECTS, ...FOODS], 3) as [string, ...string[]];
    const times = random.integer(1, difficulty === 'easy' ? 3 : 5);
    const row = random.shuffle([
      ...Array.from({ length: times }, () => asked),
      ...rest,
      ...(difficulty === 'hard' ? rest : []),
    ]);
    return {
      content: { row, asked },
      answer: String(times),
      wrongAnswer: String(times + 1),
      key: `${asked} ${row.join(' ')}`,
      facts: String(times),
    };
  },
});

export const mathTasks: readonly Task[] = [sums, stories, compare, counting];
