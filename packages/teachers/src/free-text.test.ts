import type { Message, Question } from '@cogumi/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { agree, createAnswerCheck } from './check-answers.ts';
import type { OpenTeacherPool } from './open-teacher-pool.ts';
import { readVerdict } from './score-texts.ts';
import { type ProviderServer, startProviderServer } from './testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from './testing/test-teacher-pool.ts';
import { writeQuestions } from './write-questions.ts';

const WRITER = 'openai:gpt-4o-mini';
const JUDGE = 'anthropic:claude-haiku-4-5';
const { signal } = new AbortController();
const requestContext = { stage: 'test', signal };

let server: ProviderServer | undefined;
let teacherPool: OpenTeacherPool | undefined;
afterEach(async () => {
  await teacherPool?.close();
  await server?.close();
  [teacherPool, server] = [undefined, undefined];
});

async function open(answer: (messages: readonly Message[], model: string) => string): Promise<OpenTeacherPool> {
  server = await startProviderServer({ models: ['gpt-4o-mini', 'claude-haiku-4-5'], answer });
  teacherPool = openTestTeacherPool(server.url, [WRITER, JUDGE], { batch: 'never' });
  return teacherPool;
}

/** Writes ten questions per list: every fifth is bad, and each list repeats one of the first list. */
function writeAndJudge(messages: readonly Message[]): string {
  const [system, asked] = messages.map(({ content }) => content) as [string, string];
  if (system.startsWith('You judge')) {
    const score = asked.includes('(bad)') ? 4 : 8;
    return `Here it is: {"quality": ${score}, "relevance": 9, "clarity": 10}`;
  }
  const [, count, field, list, set] =
    /Write (\d+) questions of the field of (\w+[\s\S]*(?:easy|hard)):[\s\S]*list (\d+) of set (\d+)/.exec(asked)!;
  const number = (at: number) => (at === 1 ? `${field} 1.1.1` : `${field} ${set}.${list}.${at}`);
  const questions = Array.from(
    { length: Number(count) },
    (_, at) => `What of ${number(at)}${at % 5 === 4 ? ' (bad)' : ''}?`,
  );
  return JSON.stringify({ questions });
}

describe('writeQuestions', () => {
  const wanted = { writer: WRITER, scorer: JUDGE, minScore: 7, maxErrorRate: 0.4 };

  it('replaces repeated and low-scored questions until the counts are exact', async () => {
    const domains = { coding: { easy: 130, hard: 7 }, reading: { easy: 0, hard: 30 } };
    const { questions, rejected } = await writeQuestions(
      { ...wanted, domains },
      await open(writeAndJudge),
      requestContext,
    );
    const ids = questions.map(({ question_id }) => question_id);
    expect(ids).toHaveLength(167);
    expect(ids.filter((id) => id.startsWith('coding_easy_'))).toHaveLength(130);
    expect(ids[0]).toBe('coding_easy_0001');
    expect(ids.at(-1)).toBe('reading_hard_0030');
    expect(new Set(questions.map(({ question }) => question)).size).toBe(167);
    expect(questions.some(({ question }) => question.includes('(bad)'))).toBe(false);
    expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set(['scored 4 of 10', 'is a repeat']));
  });

  it('stops after a bad first round, and when the writer produces no new questions', async () => {
    const domains = { coding: { easy: 1000, hard: 0 } };
    const silent = await open(() => 'I would rather not.');
    await expect(writeQuestions({ ...wanted, domains }, silent, requestContext)).rejects.toMatchObject({
      code: 'ERROR_RATE',
    });
    expect(server?.log.charged()).toHaveLength(1);
    const few = { ...wanted, domains: { coding: { easy: 12, hard: 0 } }, scorer: null, maxErrorRate: 1 };
    const dry = await open(() => '{"questions": ["Why?", "How?"]}');
    await expect(writeQuestions(few, dry, requestContext)).rejects.toMatchObject({
      code: 'QUESTIONS_SHORT',
      message: expect.stringContaining('2 of 12 easy questions of coding'),
    });
  });
});

describe('createAnswerCheck', () => {
  const question = (text: string): Question => ({
    question_id: text,
    domain: 'common_sense',
    difficulty: 'easy',
    task: 'teacher/someone',
    wording: '',
    unseen: false,
    draw: '',
    question: text,
    facts: null,
  });
  const reply = (answer: string | null) => ({
    teacher: WRITER,
    answer,
    reasoning: null,
    reason: answer === null ? 'lost' : '',
  });
  const questions = ['Why?', 'How?', 'When?'].map(question);

  it('scores free answers by the judge, if there is one', async () => {
    const scored = await open((messages) =>
      JSON.stringify({ quality: messages.at(-1)!.content.includes('good') ? 9 : 5, relevance: 9, clarity: 9 }),
    );
    const check = createAnswerCheck(scored, { judge: JUDGE, minScore: 7 }, requestContext);
    expect(
      await check(questions, [reply('good'), reply('so so'), reply(null)], { tier: 0, last: false, batchable: false }),
    ).toEqual([null, `${JUDGE} scored it 5 of 10; at least 7 is required`, 'lost']);
  });

  it('asks a second time without a judge, and accepts every answer of the last tier', async () => {
    const asked = await open((messages) => (messages.at(-1)!.content === 'Why?' ? 'Because.' : `Not ${Math.E}`));
    const check = createAnswerCheck(asked, { judge: null, minScore: 7 }, requestContext);
    const replies = [reply('because'), reply('At noon'), reply('At one')];
    const again = 'the teacher gave another answer the second time';
    expect(await check(questions, replies, { tier: 0, last: false, batchable: false })).toEqual([null, again, again]);
    expect(await check(questions, replies, { tier: 2, last: true, batchable: false })).toEqual([null, null, null]);
  });
});

describe('agree', () => {
  it('compares short answers word for word, long ones by their common words', () => {
    expect(agree('The answer is 4.5!', 'the answer is 4.5')).toBe(true);
    expect(agree('The answer is 4.5', 'The answer is 45')).toBe(false);
    const long = 'Plants take in light and air and water, and make sugar of them in their leaves during the day';
    expect(agree(long, `${long}, as everybody knows`)).toBe(true);
    expect(agree(long, 'Whales are mammals that live in the sea and come up to breathe air from time to time')).toBe(
      false,
    );
  });
});

describe('readVerdict', () => {
  it('takes the lowest of three whole scores, or null', () => {
    expect(readVerdict('{"quality": 9, "relevance": 7, "clarity": 10}')).toBe(7);
    expect(readVerdict('```json\n{"quality": 9, "relevance": 8, "clarity": 10}\n```')).toBe(8);
    for (const text of [
      null,
      '',
      'nine',
      '{"quality": 9}',
      '{"quality": 11, "relevance": 7, "clarity": 9}',
      '{"quality": "9", "relevance": 7, "clarity": 9}',
      '{nine}',
    ])
      expect(readVerdict(text)).toBeNull();
  });
});
