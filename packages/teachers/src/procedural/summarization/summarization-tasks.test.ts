import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { summarizationTasks } from './summarization-tasks.ts';

const task = (name: string) => summarizationTasks.find((one) => one.name === `summarization/${name}`)!;
const draws = (name: string) =>
  Array.from({ length: 300 }, (_, at) => task(name).draw(createRandom(`sum/${at}`), 'hard', 'summary'));

describe.each(summarizationTasks.map(({ name }) => name.split('/')[1]!))('summarization/%s', (name) => {
  it('summarizes in less than half the length of the passage, with content words of the passage only', () => {
    const glue = new Set(['the', 'a', 'an', 'and', 'each', 'have', 'in', 'on', 'at']);
    for (const { question, answer } of draws(name)) {
      const passage = question.replace('\nSummary?', '');
      expect(answer.length).toBeLessThan(passage.length * 0.75);
      const said = new Set(passage.toLowerCase().match(/[a-z]+/g));
      expect(
        answer
          .toLowerCase()
          .match(/[a-z]+/g)!
          .filter((word) => !said.has(word) && !glue.has(word)),
      ).toEqual([]);
    }
  });

  it('rejects a summary without any one of its facts', async () => {
    for (const { answer, facts } of draws(name).slice(0, 50)) {
      for (const fact of (facts as { must: string[] }).must) {
        expect(await task(name).check(facts, answer.replace(new RegExp(`\\b${fact}\\b`), ''))).toMatchObject({
          correct: false,
        });
      }
    }
  });

  it('rejects a correct summary with an invented addition', async () => {
    for (const { answer, facts } of draws(name)) {
      for (const more of [' and stole a spaceship.', ' with nobody.', ' twice.']) {
        expect(await task(name).check(facts, answer.replace(/\.$/, more))).toMatchObject({ correct: false });
      }
    }
  });

  it('rejects the passage itself', async () => {
    const { check } = task(name);
    for (const { question, answer, facts } of draws(name).slice(0, 50)) {
      const passage = question.replace('\nSummary?', '');
      if (passage.length > 140) expect(await check(facts, passage)).toMatchObject({ correct: false });
      expect(await check(facts, `${answer} ${passage} ${answer}`)).toMatchObject({ correct: false });
    }
  });
});

describe('summarization/deed', () => {
  it('rejects details that a summary should leave out', async () => {
    const { check } = task('deed');
    const facts = { must: ['Ada', 'baker', 'found', 'key', 'park'], mustNot: ['soup', 'sky', 'day', 'happy'] };
    expect(await check(facts, 'Ada the baker found a key in the park.')).toEqual({ correct: true });
    expect(await check(facts, 'In the park it was Ada who found the key, a baker.')).toEqual({ correct: true });
    expect(await check(facts, 'ADA the baker found a key in the park')).toEqual({ correct: true });
    expect(await check(facts, 'Happy Ada the baker found a key in the park.')).toMatchObject({ correct: false });
    expect(await check(facts, 'Ada the baker found a keyring in the park.')).toMatchObject({ correct: false });
  });
});
