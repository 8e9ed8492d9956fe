import { PROCEDURAL_TEACHERS } from '@cogumi/contracts';
import { createAnswerCheck, openTeacherPool, type TeacherPool, TeachersOptions } from '@cogumi/teachers';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { afterAll, describe, expect, it } from 'vitest';
import { answerQuestions } from './answer-questions.ts';

const teacherPool = openTeacherPool({
  store: null,
  ...{ recipe: 'test', run: 'test', budget: 0, seed: 1 },
  teachers: [...PROCEDURAL_TEACHERS],
  options: TeachersOptions.parse({}),
  environment: {},
});
afterAll(() => teacherPool.close());
const { signal } = new AbortController();
const questions = makeQuestions({
  domains: { math: { easy: 150, hard: 150 } },
  split: 'train',
  unseenShare: 0,
  seed: 8,
});
const check = createAnswerCheck(teacherPool, { judge: null, minScore: 7 }, { stage: 'test', signal });

describe('answerQuestions', () => {
  const options = { corrector: 'procedural:master', tiers: [], maxErrorRate: 0.4 };
  const answer = (given: object, pool: Pick<TeacherPool, 'ask'> = teacherPool) =>
    answerQuestions(questions, { ...options, teachers: [], ...given }, check, pool, signal, () => {});

  it('answers every question, by share, and keeps no wrong answer', async () => {
    const teachers = [
      { teacher: 'procedural:master', share: 0.5 },
      { teacher: 'procedural:apprentice', share: 0.5 },
    ];
    const { answered, rejected, tiers } = await answer({ teachers });
    expect(new Set(answered.map(({ question }) => question.question_id)).size).toBe(questions.length);
    expect(rejected.length).toBeGreaterThan(15);
    expect(rejected.every(({ reason }) => reason !== '')).toBe(true);
    const [master, apprentice] = tiers;
    expect(apprentice).toMatchObject({ teacher: 'procedural:apprentice', asked: 150 });
    expect(master?.accepted).toBe(150 + rejected.length);
  });

  it('asks cheap tiers first, and each only what the one before could not answer', async () => {
    const { answered, tiers } = await answer({ tiers: ['procedural:apprentice', 'procedural:master'] });
    expect(answered).toHaveLength(questions.length);
    expect(tiers[0]?.asked).toBe(questions.length);
    expect(tiers[1]?.asked).toBe(questions.length - (tiers[0]?.accepted ?? 0));
    expect(tiers[1]?.asked).toBeGreaterThan(15);
  });

  it('stops after the first hundred when too many are wrong', async () => {
    let asked = 0;
    const counting: Pick<TeacherPool, 'ask'> = {
      ask: (teacher, own, ...rest) => {
        if (teacher === 'procedural:apprentice') asked += own.length;
        return teacherPool.ask(teacher, own, ...rest);
      },
    };
    const teachers = [{ teacher: 'procedural:apprentice', share: 1 }];
    await expect(answer({ teachers, maxErrorRate: 0.05 }, counting)).rejects.toMatchObject({ code: 'ERROR_RATE' });
    expect(asked).toBe(100);
  });
});
