import type { Teacher } from '@cogumi/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeShares, mostCommonReason, runCascade, sumTierShares, warnOfShortfalls } from './cascade.ts';
import { createAnswerCheck } from './check-answers.ts';
import type { OpenTeacherPool } from './open-teacher-pool.ts';
import { type ProviderServer, startProviderServer } from './testing/provider-server/start-provider-server.ts';
import { answerFrom, generateQuestions, openTestTeacherPool } from './testing/test-teacher-pool.ts';

const TIERS: Teacher[] = ['openai:gpt-4o-mini', 'openai:gpt-4.1'];
const questions = generateQuestions(['math'], 20, 'cascade');
let server: ProviderServer;
let teacherPool: OpenTeacherPool;
beforeAll(async () => {
  server = await startProviderServer({
    models: ['gpt-4o-mini', 'gpt-4.1'],
    // The cheap model gets about half of them wrong, the other one about a fifth.
    answer: answerFrom(questions, { 'gpt-4o-mini': 0.5, 'gpt-4.1': 0.2 }),
  });
  teacherPool = openTestTeacherPool(server.url, TIERS, { batch: 'never' });
});
afterAll(async () => {
  await teacherPool?.close();
  await server?.close();
});

const { signal } = new AbortController();
const run = (tiers: readonly Teacher[], onProgress = (_: number) => {}) =>
  runCascade(
    questions,
    tiers,
    createAnswerCheck(teacherPool, { judge: null, minScore: 7 }, { stage: 'test', signal }),
    teacherPool,
    { stage: 'test', batchable: false, signal, onProgress },
  );

describe('runCascade', () => {
  it('asks each tier only what no cheaper one answered, and reports the questions that none answered', async () => {
    const reported: number[] = [];
    const { answered, rejected, tiers, open } = await run(TIERS, (done) => reported.push(done));
    const [cheap, better] = tiers as [(typeof tiers)[0], (typeof tiers)[0]];
    expect(cheap).toMatchObject({ teacher: TIERS[0], asked: 40 });
    expect(better).toMatchObject({ teacher: TIERS[1], asked: 40 - cheap.accepted });
    expect(cheap.accepted).toBeGreaterThan(8);
    expect(open.length).toBeGreaterThan(0);
    expect(answered.length + open.length).toBe(40);
    expect(rejected).toHaveLength(better.asked + open.length);
    expect(rejected.every(({ reason }) => reason !== '')).toBe(true);
    // Every question is once either answered or open.
    const ids = [...answered.map(({ question }) => question), ...open].map(({ question_id }) => question_id);
    expect(new Set(ids).size).toBe(40);
    expect(reported.at(-1)).toBe(answered.length);
  });

  it('stops as soon as every question has an accepted answer', async () => {
    const accepted = await runCascade(questions, TIERS, async (own) => own.map(() => null), teacherPool, {
      stage: 'test',
      batchable: false,
      signal,
    });
    expect(accepted.tiers).toEqual([{ teacher: TIERS[0], asked: 40, accepted: 40 }]);
  });
});

describe('sumTierShares', () => {
  it('adds up by teacher, in the order in which teachers appear first', () => {
    const share = (teacher: string, asked: number, accepted: number) => ({ teacher, asked, accepted });
    expect(sumTierShares([[share('a', 10, 6), share('b', 4, 4)], [], [share('b', 5, 1), share('a', 1, 1)]])).toEqual([
      share('a', 11, 7),
      share('b', 9, 5),
    ]);
  });
});

describe('mostCommonReason', () => {
  const rejected = (reason: string) => ({ question_id: 'q', teacher: 't', answer: null, reason });
  it('names the most frequent reason with its count, and says nothing when none was rejected', () => {
    expect(mostCommonReason([rejected('x'), rejected('y'), rejected('y')])).toBe(', 2 of them: y');
    expect(mostCommonReason([])).toBe('');
  });
});

describe('warnOfShortfalls', () => {
  const tiers = [
    { teacher: 'openai:own', asked: 20, accepted: 1 },
    { teacher: 'procedural:corrector', asked: 19, accepted: 18 },
    { teacher: 'openai:good', asked: 5, accepted: 5 },
  ];
  const reply = (reason: string, answer: string | null, teacher = 'openai:own') => ({
    ...{ question_id: 'q', teacher, answer, reason },
  });

  it('says of each teacher of one’s own how many answers it gave of those asked for, why, and who gave the rest', () => {
    const rejected = [
      ...Array.from({ length: 12 }, (_, at) => reply(`expected "${at}", got "x"`, 'x')),
      ...Array.from({ length: 7 }, () => reply('the reply has not the required format', null)),
      reply('expected "a", got "b"', 'b', 'procedural:corrector'),
    ];
    expect(warnOfShortfalls(tiers, rejected)).toEqual([
      'openai:own gave 1 of the 20 answers that it was asked for (12 rejected: expected "0", got "x"; 7 without an answer: the reply has not the required format). By teacher: openai:own 1 of 20, procedural:corrector 18 of 19, openai:good 5 of 5.',
    ]);
  });

  it('lists five kinds of reasons, the most frequent first, and counts the others', () => {
    const rejected = ['a', 'b', 'c', 'd', 'e', 'f', 'f'].map((letter) => reply(`reason ${letter}`, 'x'));
    expect(warnOfShortfalls(tiers, rejected)[0]).toMatch(/\(2 rejected: reason f; .*; 1 other reasons\)/);
  });

  it('says nothing of teachers that gave all', () => {
    expect(warnOfShortfalls(tiers.slice(1), [])).toEqual([]);
    expect(describeShares([])).toBe('');
  });
});
