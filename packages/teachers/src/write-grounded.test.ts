import type { Message } from '@cogumi/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenTeacherPool } from './open-teacher-pool.ts';
import { type ProviderServer, startProviderServer } from './testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from './testing/test-teacher-pool.ts';
import { writeGrounded } from './write-grounded.ts';

const WRITER = 'openai:gpt-4o-mini';
const JUDGE = 'anthropic:claude-haiku-4-5';
const requestContext = { stage: 'test', signal: new AbortController().signal };
const PASSAGE = {
  headings: ['Manual', 'Pins'],
  text: 'Pin a note with Alt+P.\nUp to twelve notes can be pinned at once.',
};

let server: ProviderServer | undefined;
let teacherPool: OpenTeacherPool | undefined;
/** What the models were asked. */
const seen: string[] = [];
afterEach(async () => {
  seen.length = 0;
  await teacherPool?.close();
  await server?.close();
});

async function open(answer: (messages: readonly Message[], model: string) => string): Promise<OpenTeacherPool> {
  server = await startProviderServer({ models: ['gpt-4o-mini', 'claude-haiku-4-5'], answer });
  teacherPool = openTestTeacherPool(server.url, [WRITER, JUDGE], { batch: 'never' });
  return teacherPool;
}

const fact = {
  quote: 'twelve notes can be pinned at once',
  answer: 'Up to twelve notes can be pinned.',
  accepted: 'twelve',
  questions: ['How many notes can I pin?', 'What is the most notes that stay pinned?'],
};
const write = async (facts: readonly object[], judge: string | null = null, verdict = {}) =>
  writeGrounded(
    [PASSAGE],
    { writer: WRITER, judge, minScore: 7, factsPerPassage: 4, wordings: 2 },
    await open((messages) => {
      seen.push(messages.at(-1)?.content ?? '');
      return JSON.stringify(messages[0]?.content.startsWith('You judge') ? verdict : { facts });
    }),
    requestContext,
  );

describe('writeGrounded', () => {
  it('gives each fact in each wording; the teacher sees the passage and its headings', async () => {
    const { examples, rejected } = await write([fact]);
    const { questions, ...rest } = fact;
    expect(examples).toEqual(questions.map((question) => ({ ...rest, question, passage: 0 })));
    expect(rejected).toEqual([]);
    expect(seen).toEqual([
      expect.stringMatching(/up to 4 facts[\s\S]*2 questions[\s\S]*Manual > Pins[\s\S]*Pin a note with Alt\+P/),
    ]);
  });

  it('compares the quote whatever the case, the spacing and the quotation marks', async () => {
    const { examples } = await write([{ ...fact, quote: 'Alt+P.  Up to TWELVE notes', answer: 'Twelve.' }]);
    expect(examples).toHaveLength(2);
  });

  it.each([
    [
      'a quote that the passage does not have',
      { quote: 'thirteen notes can be pinned' },
      'does not stand in its passage',
    ],
    ['a quote of no length', { quote: 'Alt+P', accepted: 'Alt', answer: 'Alt' }, 'a quote of 5 characters'],
    [
      'accepted words that the quote does not have',
      { accepted: 'Alt+P', answer: 'Alt+P' },
      'do not stand in its quote',
    ],
    ['an answer without them', { answer: 'A dozen.' }, 'without the words that it accepts'],
    ['a question that says its answer', { questions: ['Can I pin twelve notes?'] }, 'gives its answer away'],
    ['a question twice', { questions: ['How many pins?', 'how many  pins?'] }, 'repeats a question'],
  ])('rejects %s', async (_, change, reason) => {
    const { rejected } = await write([{ ...fact, ...change }]);
    expect(rejected.at(-1)).toMatchObject({ passage: 0, reason: expect.stringContaining(reason) });
  });

  it('rejects a reply that is not what was asked for, and goes on', async () => {
    const { examples, rejected } = await write([{ ...fact, questions: [] }, 'x' as never]);
    expect(examples).toEqual([]);
    expect(rejected).toEqual([{ passage: 0, question: '', reason: 'the reply is not the JSON that was asked for' }]);
  });

  it('lets a judge decide beside the words', async () => {
    const low = await write([fact], JUDGE, { quality: 3, relevance: 9, clarity: 9 });
    expect(low.examples).toEqual([]);
    expect(low.rejected.map(({ reason }) => reason)).toEqual(['scored 3 of 10', 'scored 3 of 10']);
    await teacherPool?.close();
    await server?.close();
    expect((await write([fact], JUDGE, { quality: 9, relevance: 9, clarity: 9 })).examples).toHaveLength(2);
  });
});
