import { defineTask, wrong } from '../define-task.ts';
import type { Task } from '../task.ts';
import { WORDS } from '../words/words.ts';

/** A rule on some words: its wordings, its result and a typical mistake. */
interface Rule {
  readonly name: string;
  readonly known: readonly [string, string, string, string];
  readonly unseen: readonly [string, string];
  readonly easy: number;
  readonly hard: number;
  apply(words: readonly string[], n: number): string;
  wrongAnswer(words: readonly string[], n: number): string;
}

/** Wordings; `{}` is replaced by the words, `#` by a small number. */
const rules: readonly Rule[] = [
  {
    name: 'copy',
    known: ['Copy this: {}', 'Write exactly this: {}', 'Say: {}', 'Repeat after me: {}'],
    unseen: ['Please write down the same words: {}', 'Give me this again: {}'],
    easy: 3,
    hard: 6,
    apply: (words) => words.join(' '),
    wrongAnswer: (words) => words.slice(1).join(' '),
  },
  {
    name: 'repeat',
    known: ['Write {} # times.', 'Repeat {} # times.', 'Say {} # times.', '# times, write {}.'],
    unseen: ['I want to read {} # times.', 'Give me {}, # times in a row.'],
    easy: 1,
    hard: 2,
    apply: (words, n) => Array.from({ length: n }, () => words.join(' ')).join(' '),
    wrongAnswer: (words, n) => Array.from({ length: n + 1 }, () => words.join(' ')).join(' '),
  },
  {
    name: 'upper-case',
    known: [
      'Write in capital letters: {}',
      'Make it upper case: {}',
      'Capital letters: {}',
      'Use capital letters for this: {}',
    ],
    unseen: ['Turn these words to upper case: {}', 'I need {} in capital letters.'],
    easy: 1,
    hard: 3,
    apply: (words) => words.join(' ').toUpperCase(),
    wrongAnswer: (words) => words.join(' '),
  },
  {
    name: 'first-word',
    known: [
      'Write only the first word: {}',
      'What is the first word of: {}',
      'Give the first word. {}',
      'Answer with the first word only: {}',
    ],
    unseen: ['Which word comes first here? {}', 'Take the first word from {}'],
    easy: 3,
    hard: 6,
    apply: (words) => words[0] as string,
    wrongAnswer: (words) => words[1] as string,
  },
  {
    name: 'last-word',
    known: [
      'Write only the last word: {}',
      'What is the last word of: {}',
      'Give the last word. {}',
      'Answer with the last word only: {}',
    ],
    unseen: ['Which word comes last here? {}', 'Take the last word from {}'],
    easy: 3,
    hard: 6,
    apply: (words) => words.at(-1) as string,
    wrongAnswer: (words) => words[0] as string,
  },
  {
    name: 'reverse',
    known: [
      'Write the words backwards: {}',
      'Reverse the order of the words: {}',
      'From last to first: {}',
      'Turn the order around: {}',
    ],
    unseen: ['Write these words starting with the last one: {}', 'The order should be reversed: {}'],
    easy: 2,
    hard: 4,
    apply: (words) => words.toReversed().join(' '),
    wrongAnswer: (words) => words.join(' '),
  },
  {
    name: 'join',
    known: [
      'Join with a dash: {}',
      'Put a dash between the words: {}',
      'Write with dashes: {}',
      'Use a dash and no space: {}',
    ],
    unseen: ['Between the words I want a dash: {}', 'Join these words, a dash in between: {}'],
    easy: 2,
    hard: 4,
    apply: (words) => words.join('-'),
    wrongAnswer: (words) => words.join(' '),
  },
  {
    name: 'brackets',
    known: ['Put it in brackets: {}', 'Write this in brackets: {}', 'Brackets around: {}', 'Use brackets for: {}'],
    unseen: ['I want brackets around these words: {}', 'Give me {} with brackets.'],
    easy: 1,
    hard: 3,
    apply: (words) => `(${words.join(' ')})`,
    wrongAnswer: (words) => words.join(' '),
  },
  {
    name: 'number',
    known: [
      'Number the words: {}',
      'Write the words with numbers: {}',
      'Make a numbered list: {}',
      'Put a number before each word: {}',
    ],
    unseen: ['I want each word to have its number: {}', 'List these words with numbers: {}'],
    easy: 2,
    hard: 4,
    apply: (words) => words.map((word, at) => `${at + 1}. ${word}`).join(' '),
    wrongAnswer: (words) => words.map((word) => `1. ${word}`).join(' '),
  },
];

function ruleTask({ name, known, unseen, easy, hard, apply, wrongAnswer }: Rule): Task {
  const phrase = (template: string) => (content: { words: string[]; n: number }) =>
    template.replace('{}', content.words.join(' ')).replace('#', String(content.n));
  const named = (templates: readonly string[], prefix: string) =>
    Object.fromEntries(templates.map((template, at) => [`${prefix}-${at}`, phrase(template)]));
  return defineTask<{ words: string[]; n: number }>({
    name: `instruction_following/${name}`,
    known: named(known, 'known'),
    unseen: named(unseen, 'unseen'),
    make(random, difficulty) {
      const words = random.sample(WORDS, difficulty === 'easy' ? easy : random.integer(easy + 1, hard));
      const n = random.integer(2, 4);
      const answer = apply(words, n);
      return {
        content: { words, n },
        answer,
        wrongAnswer: wrongAnswer(words, n),
        key: `${words.join(' ')} ${name === 'repeat' ? n : ''}`,
        facts: answer,
      };
    },
    // Case-sensitive, because some rules are about case.
    check: (facts, answer) =>
      answer.trim() === facts ? { correct: true } : wrong(`expected "${String(facts)}", got "${answer.slice(0, 120)}"`),
  });
}

export const instructionFollowingTasks: readonly Task[] = rules.map(ruleTask);
