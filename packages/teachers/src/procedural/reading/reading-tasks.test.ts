import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { readingTasks } from './reading-tasks.ts';

const task = (name: string) => readingTasks.find((one) => one.name === `reading/${name}`)!;
const draws = (name: string, difficulty: 'easy' | 'hard') =>
  Array.from({ length: 300 }, (_, at) => {
    const { question, answer } = task(name).draw(createRandom(`reading/${at}`), difficulty, 'text');
    const [, passage, asked] = /^Text: (.*)\nQuestion: (.*)$/.exec(question)!;
    return { sentences: passage!.split(/(?<=\.) /), passage: passage!, asked: asked!, answer };
  });

describe.each(readingTasks.map(({ name }) => name.split('/')[1]!))('reading/%s', (name) => {
  it.each(['easy', 'hard'] as const)('has its answer in the text, word for word (%s)', (difficulty) => {
    for (const { passage, answer } of draws(name, difficulty)) {
      expect(passage.toLowerCase()).toContain(answer.toLowerCase());
    }
  });
});

describe('reading/events', () => {
  it('answers from the sentence that the question is about', () => {
    for (const { sentences, asked, answer } of draws('events', 'hard')) {
      const about = sentences.filter((sentence) =>
        (asked.match(/[A-Z][a-z]+|\w+(?=\?)/g) ?? [])
          .filter((word) => !['Who', 'Where', 'What', 'When'].includes(word))
          .some((word) => new RegExp(`\\b${word}\\b`).test(sentence)),
      );
      expect(about).toHaveLength(1);
      expect(about[0]).toContain(answer);
    }
  });
});

describe('reading/people', () => {
  it('combines two facts when it identifies a person by another fact', () => {
    const hops = draws('people', 'hard').filter(({ asked }) => asked.includes('the one who has'));
    expect(hops.length).toBeGreaterThan(20);
    for (const { passage, asked, answer } of hops) {
      const animal = /has the (\w+)\?/.exec(asked)![1];
      const owner = new RegExp(`(\\w+) has an? \\w+ ${animal}\\.`).exec(passage)![1];
      expect(passage).toMatch(new RegExp(`${owner} is an? ${answer} and lives`));
    }
  });
});

describe('reading/plan', () => {
  it('pairs each day with its place', () => {
    for (const { sentences, asked, answer } of draws('plan', 'hard')) {
      const wanted = asked.startsWith('Where') ? /on (\w+)\?/.exec(asked)![1] : /(to the \w+)\?/.exec(asked)![1];
      expect(sentences.find((sentence) => sentence.includes(wanted!))!.toLowerCase()).toContain(answer.toLowerCase());
    }
  });
});

describe('reading/pronoun', () => {
  it('resolves "she" to the woman, who is named first, and "he" to the man', () => {
    for (const { passage, asked, answer } of draws('pronoun', 'hard')) {
      const [, woman, man] = /^(\w+) met (\w+)/.exec(passage)!;
      const thing = /the (\w+)\?/.exec(asked)![1];
      const holder = new RegExp(`\\b(she|he) had an? (?:\\w+ )?${thing}\\b`, 'i').exec(passage)![1]!.toLowerCase();
      expect(answer).toBe(holder === 'she' ? woman : man);
    }
  });
});

describe('answers to reading questions', () => {
  it('are accepted in any case and spacing, with or without a full stop, but must be complete', async () => {
    const { check } = task('events');
    for (const right of ['in the park', 'In the park.', '  in  the park ']) {
      expect(await check('in the park', right)).toEqual({ correct: true });
    }
    for (const wrong of ['the park', 'in the park and the zoo', 'in the parks', 'park']) {
      expect(await check('in the park', wrong)).toMatchObject({ correct: false });
    }
  });
});
