import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { commonSenseTasks } from './common-sense-tasks.ts';
import { BY_SIZE, EFFECTS, FOUND, KINDS, OPPOSITES, USES } from './knowledge.ts';

const draws = (name: string, difficulty: 'easy' | 'hard', wording: string) =>
  Array.from({ length: 300 }, (_, at) =>
    commonSenseTasks
      .find((one) => one.name === `common_sense/${name}`)!
      .draw(createRandom(`sense/${at}`), difficulty, wording),
  );

describe('the knowledge tables', () => {
  const tables = { USES, OPPOSITES, FOUND, EFFECTS };

  it('hold at least 150 entries', () => {
    const pairs = Object.values(tables).reduce((sum, table) => sum + table.length, 0);
    expect(pairs + BY_SIZE.length + Object.values(KINDS).flat().length).toBeGreaterThanOrEqual(150);
  });

  it('have exactly one entry for each thing', () => {
    for (const table of Object.values(tables)) {
      expect(new Set(table.map(([what]) => what)).size).toBe(table.length);
      expect(table.filter(([what, answer]) => !what?.trim() || !answer?.trim())).toEqual([]);
    }
  });

  it('put no word into two kinds, so that only one word can be odd', () => {
    const members = Object.values(KINDS).flat();
    expect(new Set(members).size).toBe(members.length);
  });
});

describe('common_sense questions', () => {
  it('offer the right answer among three when they offer a choice', () => {
    for (const name of ['uses', 'opposite', 'found', 'effect']) {
      for (const { question, answer } of draws(
        name,
        'hard',
        commonSenseTasks.find((one) => one.name.endsWith(name))!.wordings.known[0]!,
      )) {
        const options = / Choose: (.*)\.$/.exec(question)![1]!.split(', ');
        expect(options).toHaveLength(3);
        expect(options).toContain(answer);
      }
    }
  });

  it('compare sizes as people would', () => {
    // Usual weight of a grown animal in kg, from general knowledge; only the order counts.
    const weights: Readonly<Record<string, number>> = {
      ant: 5e-6,
      bee: 1e-4,
      mouse: 0.02,
      frog: 0.2,
      rabbit: 2,
      cat: 4,
      fox: 7,
      sheep: 70,
      pig: 150,
      donkey: 200,
      horse: 500,
      camel: 550,
      elephant: 5000,
      whale: 50_000,
    };
    for (const { question, answer } of draws('size', 'hard', 'which')) {
      const named = Object.keys(weights).filter((animal) => new RegExp(`\\b${animal}\\b`).test(question));
      expect(named).toHaveLength(3);
      const sorted = named.toSorted((left, right) => weights[left]! - weights[right]!);
      expect(answer).toBe(`the ${question.includes('biggest') ? sorted.at(-1) : sorted[0]}`);
    }
  });

  it('have exactly one odd word out', () => {
    const kindOf = (word: string) => Object.keys(KINDS).find((kind) => KINDS[kind]!.includes(word));
    for (const { question, answer } of draws('odd-one-out', 'hard', 'which')) {
      const words = /: (.*)\?$/.exec(question)![1]!.split(', ');
      expect(words.filter((word) => words.filter((other) => kindOf(other) === kindOf(word)).length === 1)).toEqual([
        answer,
      ]);
    }
  });
});
