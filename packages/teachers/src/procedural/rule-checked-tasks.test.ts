import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { commonSenseTasks } from './common-sense/common-sense-tasks.ts';
import { instructionFollowingTasks } from './instruction-following/instruction-following-tasks.ts';
import { mathTasks } from './math/math-tasks.ts';
import { readingTasks } from './reading/reading-tasks.ts';
import { summarizationTasks } from './summarization/summarization-tasks.ts';
import type { Task } from './task.ts';

// The five domains that are checked by rule, without solver, schema or sandbox: cheap enough for many draws.
const tasks: readonly Task[] = [
  ...mathTasks,
  ...readingTasks,
  ...summarizationTasks,
  ...commonSenseTasks,
  ...instructionFollowingTasks,
];

/** Draws of each wording at each difficulty; about 30,000 in all. */
const DRAWS = 100;
/** Characters of the longest answer expected of a model with a few million parameters (chosen: about 40 tokens). */
const LONGEST = 110;

function drawsOf(task: Task, count: number, seed = 'draws') {
  return task.difficulties.flatMap((difficulty) =>
    [...task.wordings.known, ...task.wordings.unseen].flatMap((wording) =>
      Array.from({ length: count }, (_, at) => {
        const random = createRandom(`${seed}/${difficulty}/${wording}/${at}`);
        return { difficulty, wording, ...task.draw(random, difficulty, wording) };
      }),
    ),
  );
}

describe.each(tasks.map((task) => [task.name, task] as const))('%s', (_, task) => {
  const draws = drawsOf(task, DRAWS);

  it('has at least four known and two unseen wordings, none of them both', () => {
    const { known, unseen } = task.wordings;
    expect(known.length).toBeGreaterThanOrEqual(4);
    expect(unseen.length).toBeGreaterThanOrEqual(2);
    expect(new Set([...known, ...unseen]).size).toBe(known.length + unseen.length);
  });

  it('accepts its own answers, also with space around them, and rejects its wrong answers', async () => {
    const refused = [];
    const slipped = [];
    for (const { facts, question, answer, wrongAnswer } of draws) {
      if (!(await task.check(facts, `\n ${answer} \n`)).correct) refused.push([question, answer]);
      if ((await task.check(facts, wrongAnswer)).correct) slipped.push([question, wrongAnswer]);
    }
    expect(refused).toEqual([]);
    expect(slipped).toEqual([]);
  });

  it('gives short answers on one line, without double spaces', () => {
    const long = draws.filter(({ answer }) => answer.length === 0 || answer.length > LONGEST || answer.includes('\n'));
    expect(long.map(({ answer }) => answer)).toEqual([]);
    expect(draws.filter(({ question, answer }) => /\s{2}/.test(`${question} ${answer}`))).toEqual([]);
  });

  it('writes correct English: a or an by sound, on the beach, no doubled words', () => {
    const clumsy =
      /\ba [aeiou]|\ban [^aeiou]|\bthe the\b|\bin the (beach|bridge|farm|island|mountain)\b|\ba (milk|bread|rice)\b/i;
    if (task.domain === 'instruction_following') return; // its words are drawn without regard to sense
    expect(draws.map(({ question, answer }) => `${question} ${answer}`).filter((text) => clumsy.test(text))).toEqual(
      [],
    );
  });

  it('gives equal questions equal answers, and equal seeds equal draws', () => {
    const answers = new Map<string, string>();
    for (const { question, answer } of draws) {
      expect(answers.get(question) ?? answer).toBe(answer);
      answers.set(question, answer);
    }
    expect(drawsOf(task, 3)).toEqual(drawsOf(task, 3));
  });

  it('has the same key and answer in every wording', () => {
    for (const difficulty of task.difficulties) {
      const wordings = [...task.wordings.known, ...task.wordings.unseen];
      const same = wordings.map((wording) => task.draw(createRandom('one'), difficulty, wording));
      expect(new Set(same.map(({ key }) => key)).size).toBe(1);
      expect(new Set(same.map(({ answer }) => answer)).size).toBe(1);
      expect(new Set(same.map(({ question }) => question)).size).toBe(wordings.length);
    }
  });

  it('rejects hostile text without an error', async () => {
    const { facts } = draws[0]!;
    for (const answer of ['', '\0'.repeat(1000), 'x'.repeat(100_000), ' '.repeat(100_000), '\ud800', '((((a+)+)+)+$']) {
      expect((await task.check(facts, answer)).correct).toBe(false);
    }
  });
});

describe('key spaces', () => {
  // Different keys among 2,000 draws where the whole space is small; the READMEs of the domains say why.
  const small: Readonly<Record<string, number>> = {
    'math/sum easy': 110,
    'math/sum hard': 1200,
    'common_sense/uses easy': 1400,
    'common_sense/opposite easy': 1450,
    'common_sense/found easy': 1350,
    'common_sense/effect easy': 1200,
    'instruction_following/repeat easy': 650,
    'instruction_following/upper-case easy': 230,
    'instruction_following/brackets easy': 230,
  };

  it('have more than 1,800 different keys in 2,000 draws, except the small ones that the READMEs name', () => {
    for (const task of tasks) {
      for (const difficulty of task.difficulties) {
        const keys = new Set<string>();
        const wording = task.wordings.known[0]!;
        for (let at = 0; at < 2000; at++) keys.add(task.draw(createRandom(`keys/${at}`), difficulty, wording).key);
        const name = `${task.name} ${difficulty}`;
        expect(keys.size, name).toBeGreaterThanOrEqual(small[name] ?? 1800);
      }
    }
  });
});
