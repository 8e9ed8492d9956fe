import type { Difficulty } from '@cogumi/contracts';

/** The variables of a task. */
export interface Slots {
  /** 2 to 19. */
  readonly n: number;
  /** 2 to 9, as is `m`. */
  readonly k: number;
  readonly m: number;
  readonly letter: string;
  readonly word: string;
}

/** A task: its description, the Python expression that solves it, and one that is almost correct. */
export interface Body {
  readonly name: string;
  readonly difficulty: Difficulty;
  description(input: string, slots: Slots): string;
  code(input: string, slots: Slots): string;
  wrongAnswer(input: string, slots: Slots): string;
  /** Python arguments of the calls; they distinguish the answer from the wrong answer and from any constant. */
  readonly tests: readonly string[] | ((slots: Slots) => readonly string[]);
}

// All numbers from 0 to 20 and some others, so that every bound gives another result.
const NUMBERS = [
  '[1, 12, 3, 7, 4, 16, 20]',
  '[9, 2, 2, 5, 18, 6, 8, 14, 3, 11, 19, 10, 0, 15, 13, 17]',
  '[]',
  '[-3, 25]',
];
const FULL = ['[1, 12, 3, 7, 4]', '[9, 2, 2, 5, 6, 8, 3, 11, 10, 1]', '[-3, 5]'];
const LISTS = ['list(range(30))', '[9, 2, 2, 5, 6, 8, 3, 11, 10, 0]', '[]'];
const TEXTS = ["'banana boat'", "'ABC abc'", "''", "'the quick red fox jumps over a lazy dog twice'"];
const WORDS = ["['cat', 'a', 'horse']", "['apple', 'bee', 'sun', 'window']", '[]'];

export const bodies: readonly Body[] = [
  {
    name: 'sum',
    difficulty: 'easy',
    description: (x, { n }) => `the sum of ${x} plus ${n}`,
    code: (x, { n }) => `sum(${x}) + ${n}`,
    wrongAnswer: (x, { n }) => `len(${x}) + ${n}`,
    tests: NUMBERS,
  },
  {
    name: 'greater',
    difficulty: 'easy',
    description: (x, { n }) => `the items of ${x} greater than ${n}`,
    code: (x, { n }) => `[i for i in ${x} if i > ${n}]`,
    wrongAnswer: (x, { n }) => `[i for i in ${x} if i < ${n}]`,
    tests: NUMBERS,
  },
  {
    name: 'less',
    difficulty: 'easy',
    description: (x, { n }) => `the items of ${x} less than ${n}`,
    code: (x, { n }) => `[i for i in ${x} if i < ${n}]`,
    wrongAnswer: (x, { n }) => `[i for i in ${x} if i > ${n}]`,
    tests: NUMBERS,
  },
  {
    name: 'times',
    difficulty: 'easy',
    description: (x, { n }) => `each item of ${x} times ${n}`,
    code: (x, { n }) => `[i * ${n} for i in ${x}]`,
    wrongAnswer: (x, { n }) => `[i + ${n} for i in ${x}]`,
    tests: FULL,
  },
  {
    name: 'plus',
    difficulty: 'easy',
    description: (x, { n }) => `each item of ${x} plus ${n}`,
    code: (x, { n }) => `[i + ${n} for i in ${x}]`,
    wrongAnswer: (x, { n }) => `[i * ${n} for i in ${x}]`,
    tests: FULL,
  },
  {
    name: 'first',
    difficulty: 'easy',
    description: (x, { n }) => `the first ${n} items of ${x}`,
    code: (x, { n }) => `${x}[:${n}]`,
    wrongAnswer: (x, { n }) => `${x}[${n}:]`,
    tests: LISTS,
  },
  {
    name: 'last',
    difficulty: 'easy',
    description: (x, { n }) => `the last ${n} items of ${x}`,
    code: (x, { n }) => `${x}[-${n}:]`,
    wrongAnswer: (x, { n }) => `${x}[:${n}]`,
    tests: LISTS,
  },
  {
    name: 'count-letter',
    difficulty: 'easy',
    description: (x, { letter }) => `how often the letter ${letter} is in the text ${x}`,
    code: (x, { letter }) => `${x}.count('${letter}')`,
    wrongAnswer: (x, { letter }) => `${x}.find('${letter}')`,
    tests: TEXTS,
  },
  {
    name: 'starts',
    difficulty: 'easy',
    description: (x, { letter }) => `True if the text ${x} starts with ${letter}`,
    code: (x, { letter }) => `${x}.startswith('${letter}')`,
    wrongAnswer: (x, { letter }) => `not ${x}.startswith('${letter}')`,
    tests: ({ letter }) => [`'${letter}${letter}s'`, `'x${letter}'`, `'${letter} boat'`, "''"],
  },
  {
    name: 'add-word',
    difficulty: 'easy',
    description: (x, { word }) => `the text ${x} with ${word} at the end`,
    code: (x, { word }) => `${x} + '${word}'`,
    wrongAnswer: (x, { word }) => `'${word}' + ${x}`,
    tests: TEXTS,
  },
  {
    name: 'repeat',
    difficulty: 'easy',
    description: (x, { n }) => `the text ${x} repeated ${n} times`,
    code: (x, { n }) => `${x} * ${n}`,
    wrongAnswer: (x, { n }) => `${x} * ${n + 1}`,
    tests: TEXTS,
  },
  {
    name: 'join',
    difficulty: 'easy',
    description: (x, { letter }) => `the words ${x} joined with ${letter}`,
    code: (x, { letter }) => `'${letter}'.join(${x})`,
    wrongAnswer: (x) => `''.join(${x})`,
    tests: WORDS,
  },
  {
    name: 'maximum',
    difficulty: 'easy',
    description: (x, { n }) => `the largest item of ${x} times ${n}`,
    code: (x, { n }) => `max(${x}) * ${n}`,
    wrongAnswer: (x, { n }) => `min(${x}) * ${n}`,
    tests: FULL,
  },
  {
    name: 'minimum',
    difficulty: 'easy',
    description: (x, { n }) => `the smallest item of ${x} minus ${n}`,
    code: (x, { n }) => `min(${x}) - ${n}`,
    wrongAnswer: (x, { n }) => `max(${x}) - ${n}`,
    tests: FULL,
  },
  {
    name: 'divisible',
    difficulty: 'hard',
    description: (x, { k, n }) => `the items of ${x} that can be divided by ${k}, each times ${n}`,
    code: (x, { k, n }) => `[i * ${n} for i in ${x} if i % ${k} == 0]`,
    wrongAnswer: (x, { k, n }) => `[i * ${n} for i in ${x} if i % ${k} != 0]`,
    tests: NUMBERS,
  },
  {
    name: 'greater-plus',
    difficulty: 'hard',
    description: (x, { n, m }) => `the items of ${x} greater than ${n}, each plus ${m}`,
    code: (x, { n, m }) => `[i + ${m} for i in ${x} if i > ${n}]`,
    wrongAnswer: (x, { n, m }) => `[i + ${m} for i in ${x} if i < ${n}]`,
    tests: NUMBERS,
  },
  {
    name: 'sum-less',
    difficulty: 'hard',
    description: (x, { n, m }) => `the sum of the items of ${x} less than ${n}, plus ${m}`,
    code: (x, { n, m }) => `sum(i for i in ${x} if i < ${n}) + ${m}`,
    wrongAnswer: (x, { n, m }) => `sum(i for i in ${x} if i > ${n}) + ${m}`,
    tests: NUMBERS,
  },
  {
    name: 'count-greater',
    difficulty: 'hard',
    description: (x, { n, m }) => `how many items of ${x} are greater than ${n}, times ${m}`,
    code: (x, { n, m }) => `len([i for i in ${x} if i > ${n}]) * ${m}`,
    wrongAnswer: (x, { n, m }) => `len([i for i in ${x} if i < ${n}]) * ${m}`,
    tests: NUMBERS,
  },
  {
    name: 'long-words',
    difficulty: 'hard',
    description: (x, { k, letter }) => `the words of ${x} longer than ${k} letters, joined with ${letter}`,
    code: (x, { k, letter }) => `'${letter}'.join(i for i in ${x} if len(i) > ${k})`,
    wrongAnswer: (x, { k, letter }) => `'${letter}'.join(i for i in ${x} if len(i) < ${k})`,
    tests: ["['cat', 'a', 'horse', 'hippopotamus']", "['apple', 'bee', 'sunflowers', 'window', 'ox']", '[]'],
  },
  {
    name: 'words-starting',
    difficulty: 'hard',
    description: (x, { k, letter }) => `the first ${k} words of ${x} that start with ${letter}`,
    code: (x, { k, letter }) => `[i for i in ${x} if i.startswith('${letter}')][:${k}]`,
    wrongAnswer: (x, { k, letter }) => `[i for i in ${x} if not i.startswith('${letter}')][:${k}]`,
    tests: ({ letter, k }) => [
      `['x', ${`'${letter}one', '${letter}two', 'x${letter}', `.repeat(k)}]`,
      `['${letter}p', 'x', '${letter}']`,
      '[]',
    ],
  },
];
