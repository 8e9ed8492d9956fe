import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { instructionFollowingTasks } from './instruction-following-tasks.ts';

const task = (name: string) => instructionFollowingTasks.find((one) => one.name === `instruction_following/${name}`)!;

/** Rule, question and answer written by hand. */
const examples = [
  ['copy', 'Copy this: red ball park', 'red ball park'],
  ['repeat', 'Write red ball 3 times.', 'red ball red ball red ball'],
  ['upper-case', 'Write in capital letters: red ball', 'RED BALL'],
  ['first-word', 'Write only the first word: red ball park', 'red'],
  ['last-word', 'Write only the last word: red ball park', 'park'],
  ['reverse', 'Write the words backwards: red ball park', 'park ball red'],
  ['join', 'Join with a dash: red ball park', 'red-ball-park'],
  ['brackets', 'Put it in brackets: red ball', '(red ball)'],
  ['number', 'Number the words: red ball', '1. red 2. ball'],
] as const;

describe.each(examples)('instruction_following/%s', (name, question, answer) => {
  it('answers draws as the rule worked by hand does', () => {
    // The example's own words replaced by the drawn ones must give the drawn question and answer.
    const [, opening, repeats] = /^(.*?)(?:red ball(?: park)?)(.*)$/.exec(question)!;
    for (let at = 0; at < 200; at++) {
      const drawn = task(name).draw(createRandom(`follow/${at}`), 'hard', 'known-0');
      const ending = repeats!.replace('3', '\\d');
      const words = new RegExp(`^${opening}(.*?)${ending}$`).exec(drawn.question)![1]!.split(' ');
      const times = Number(/(\d) times/.exec(drawn.question)?.[1] ?? 0);
      expect(drawn.answer).toBe(byHand(name, words, times));
    }
    expect(byHand(name, /red ball( park)?/.exec(question)![0].split(' '), 3)).toBe(answer);
  });

  it('accepts only the exact answer, except for space around it', async () => {
    const { check } = task(name);
    expect(await check(answer, `  ${answer}\n`)).toEqual({ correct: true });
    for (const wrong of [`${answer}.`, `"${answer}"`, `Sure: ${answer}`, answer.slice(1), `${answer} ${answer}`]) {
      expect(await check(answer, wrong)).toMatchObject({ correct: false });
    }
  });
});

/** The rules a second time, letter by letter where the generator uses arrays. */
function byHand(name: string, words: readonly string[], times: number): string {
  let text = '';
  const add = (part: string, between: string) => {
    text = text === '' ? part : text + between + part;
  };
  switch (name) {
    case 'first-word':
      return words[0]!;
    case 'last-word':
      return words[words.length - 1]!;
    case 'repeat':
      for (let time = 0; time < times; time++) for (const word of words) add(word, ' ');
      return text;
    case 'reverse':
      for (const word of words) text = text === '' ? word : `${word} ${text}`;
      return text;
    case 'number':
      for (let at = 0; at < words.length; at++) add(`${at + 1}. ${words[at]}`, ' ');
      return text;
    default:
      for (const word of words) add(name === 'upper-case' ? word.toUpperCase() : word, name === 'join' ? '-' : ' ');
      return name === 'brackets' ? `(${text})` : text;
  }
}
