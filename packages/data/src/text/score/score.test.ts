import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import type { Identified } from '../language.ts';
import { explainScore } from './explain-score.ts';
import { findFlaws } from './flaws.ts';
import { identifyRow, measureRow } from './measure-row.ts';
import { passesAsEnglish, scoreRow, totalScore } from './score-row.ts';

const QUESTION = 'Explain how bees find their way back to the hive after a long flight.';
const GOOD =
  'Bees find the hive again by several means. They remember landmarks along the flight, such as trees and hills. They also read ' +
  'the position of the sun, and correct for its movement over the day. Close to the hive they follow the smell of other bees.';

const unasked = (): Identified => {
  throw new Error('asked for a language');
};
const explain = (question: string, answer: string, identify: (text: string) => Identified = unasked) => {
  const row = { question, answer };
  const measures = measureRow(row);
  return explainScore(measures, identifyRow(row, measures, identify));
};
const score = (question: string, answer: string) => explain(question, answer).score;

describe('the score of a row', () => {
  it('is the weighted sum of its parts: 30, 30, 20, 20', () => {
    expect(totalScore({ english: 1, coherence: 0, length: 0, complexity: 0 })).toBe(0.3);
    expect(totalScore({ english: 0, coherence: 1, length: 0, complexity: 0 })).toBe(0.3);
    expect(totalScore({ english: 0, coherence: 0, length: 1, complexity: 0 })).toBe(0.2);
    expect(totalScore({ english: 0, coherence: 0, length: 0, complexity: 1 })).toBe(0.2);
  });

  it.each([
    ['cut off', GOOD.slice(0, 140)],
    [
      'the answer of another question',
      'Preheat the oven to 180 degrees. Mix flour, butter and sugar, then knead until smooth.',
    ],
    ['one sentence over and over', 'Bees find the hive by the sun and by smell. '.repeat(6)],
    ['words in another order', GOOD.split(' ').sort().join(' ')],
    ['a refusal', 'I am sorry, but as an AI language model I cannot help with that request.'],
    ['the question again', QUESTION],
    ['decoded in a wrong way', GOOD.replaceAll(',', ' â€“')],
  ])('is lower for an answer that is broken: %s', (_name, broken) => {
    expect(score(QUESTION, broken)).toBeLessThan(score(QUESTION, GOOD) - 0.03);
  });

  it('does not reject code and formulas without English words', () => {
    const code = 'for (let i = 0; i < n; i++) {\n  s += a[i] * b[i];\n}\nreturn s / n;';
    expect(score('((-1 + 2 + 9 * 5) - (-2 + -4 + -4 * -7)) =', '24')).toBeGreaterThan(0.4);
    expect(score('a·b?', code)).toBeGreaterThan(0.5);
  });

  it('grows with the length up to 150 tokens, and falls beyond 2,048', () => {
    const length = (answer: string) => explain('Say it.', answer).parts.find(({ name }) => name === 'length')?.value;
    expect(length('word '.repeat(50))).toBeLessThan(length('word '.repeat(148)) as number);
    expect(length('word '.repeat(1000))).toBe(1);
    // 4 + 4,092 tokens of 2,048.
    expect(length('word '.repeat(4092))).toBeCloseTo(0.5, 2);
  });

  it('identifies the language only if the words do not settle it', () => {
    const german = 'Die Bienen finden den Weg nach Hause mit der Sonne und mit dem Geruch der anderen Bienen.';
    expect(() => explain(german, german)).toThrow('asked for a language');
    const { parts } = explain(german, `${german} Das ist so.`, () => ({ language: 'de', english: 0.5 }));
    // One of 37 words is on the English list: 1/37 of the 15% that give half of the part.
    expect(parts[0]).toMatchObject({ name: 'english', value: expect.closeTo((0.5 * (1 / 37)) / 0.15, 3) });
    expect(parts[0]?.reasons).toContain('does not pass as English (15% common words or 20% confidence)');
  });

  it('treats a row with an English question as English, even if the answer is a translation', () => {
    const french = "Les abeilles retrouvent le chemin de la ruche grâce au soleil et à l'odeur des autres abeilles.";
    expect(
      explain('Translate this sentence about the bees into French for me.', french).parts[0]?.value,
    ).toBeGreaterThanOrEqual(0.5);
  });

  it('explains every part with reasons', () => {
    const { parts } = explain(QUESTION, `${GOOD.slice(0, 140)} \`\`\``);
    expect(parts.map(({ name, weight }) => [name, weight])).toEqual([
      ['english', 0.3],
      ['coherence', 0.3],
      ['length', 0.2],
      ['complexity', 0.2],
    ]);
    expect(parts[1]?.reasons).toContain('a code fence is not closed');
  });
});

describe('passesAsEnglish', () => {
  it('needs 15% common words, or 20% confidence of the identifier', () => {
    expect(passesAsEnglish(0.15, { language: null, english: 0 })).toBe(true);
    expect(passesAsEnglish(0.149, { language: null, english: 0 })).toBe(false);
    expect(passesAsEnglish(0, { language: 'en', english: 0.2 })).toBe(true);
    expect(passesAsEnglish(0, { language: 'en', english: 0.19 })).toBe(false);
    expect(passesAsEnglish(0.3, { language: 'de', english: 0.5 })).toBe(false);
  });
});

describe('findFlaws', () => {
  it.each([
    ['echo', 'Say hello to the king', 'Say hello to the king'],
    ['refusal', 'Open it', "I'm sorry, I can't help with that."],
    ['persona', 'How old are you?', 'As a large language model, I have no age.'],
    ['hanging', 'Why?', 'He went to the market and then to the'],
    ['cut-off', 'Why?', 'He went home. Then he sat down at the table and began to eat some'],
    ['fence', 'Code?', '```js\nlet a = 1;'],
    ['mojibake', 'Why?', 'It â€™s cold.'],
  ])('finds %s', (flaw, question, answer) => {
    expect(findFlaws(question, answer)).toContain(flaw);
  });

  it.each([
    'Paris',
    'apples\npears\nplums and one more thing',
    '```js\nlet a = 1;\n```',
    'def f(x):\n    return x + 1',
    'I am sorry for your loss. It takes time to heal.',
    'He said: "Go home."',
    'The answer is 42',
    'Voilà, a naïve café: Ça va?',
  ])('finds none in %j', (answer) => {
    expect(findFlaws('What?', answer)).toEqual([]);
  });
});

describe('time', () => {
  it('is linear for hostile texts', () => {
    for (const piece of ['a', ' ', '\n', "'", '.', '```', 'the of ', 'Ã', 'I am ', '1 + ']) {
      const score = (characters: number) => {
        const answer = piece.repeat(characters / piece.length);
        return scoreRow(measureRow({ question: 'Why?', answer }), { language: null, english: 0 });
      };
      expect([piece, timeGrowth(score, 100_000, 800_000) < 8 * 4]).toEqual([piece, true]);
    }
  });
});
