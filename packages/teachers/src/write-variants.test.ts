import type { ExampleCheck, Message } from '@cogumi/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenTeacherPool } from './open-teacher-pool.ts';
import { type ProviderServer, startProviderServer } from './testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from './testing/test-teacher-pool.ts';
import { type ExampleQuestion, isWritten, writeVariants } from './write-variants.ts';

const WRITER = 'openai:gpt-4o-mini';
const requestContext = { stage: 'test', signal: new AbortController().signal };

let server: ProviderServer | undefined;
let teacherPool: OpenTeacherPool | undefined;
/** What the writer was asked. */
const seen: string[] = [];
afterEach(async () => {
  seen.length = 0;
  await teacherPool?.close();
  await server?.close();
});

const original = (check: ExampleCheck, question = 'Which plan has 5 seats?', answer = 'Team'): ExampleQuestion => ({
  ...{ question_id: 'support_example_0001', domain: 'support', difficulty: 'easy', task: 'support/examples' },
  ...{ wording: '', unseen: null, draw: '', question, facts: null },
  example: { answer, history: [], check, source: 'support.jsonl', licence: 'MIT', terms: null },
});
const exact: ExampleCheck = { kind: 'exact', accepted: ['Team'] };

async function write(
  originals: readonly ExampleQuestion[],
  variants: readonly unknown[] | ((prompt: string) => readonly unknown[]),
  count = 2,
) {
  server = await startProviderServer({
    models: ['gpt-4o-mini'],
    answer: (messages: readonly Message[]) => {
      const prompt = messages.at(-1)?.content ?? '';
      seen.push(prompt);
      return JSON.stringify({ variants: typeof variants === 'function' ? variants(prompt) : variants });
    },
  });
  teacherPool = openTestTeacherPool(server.url, [WRITER], { batch: 'never' });
  const critiqueOf = () => 'It counts no seats.';
  return writeVariants(originals, { writer: WRITER, count, sample: 0, critiqueOf }, teacherPool, requestContext);
}

describe('writeVariants', () => {
  it('writes others of the kind, each with its answer under the same kind of check', async () => {
    const { variants, rejected } = await write(
      [original(exact)],
      [
        { question: 'Which plan has 9 seats?', answer: 'Office' },
        { question: 'Which plan has no seat?', answer: 'Guest' },
      ],
    );
    expect(variants[0]).toMatchObject([
      {
        question: 'Which plan has 9 seats?',
        example: { answer: 'Office', check: { kind: 'exact', accepted: ['Office'] } },
      },
      { task: 'support/written', example: { source: WRITER, licence: 'MIT', history: [] } },
    ]);
    expect(variants[0]!.every(isWritten)).toBe(true);
    expect(isWritten(original(exact))).toBe(false);
    expect(rejected).toBe(0);
    expect(seen).toEqual([expect.stringMatching(/Write 2 questions[\s\S]*5 seats[\s\S]*Team[\s\S]*counts no seats/)]);
  });

  it('takes the number of an answer, and leaves out what has none, repeats, or says nothing', async () => {
    const sum = original({ kind: 'number', expected: 5, tolerance: 0.01 }, 'How many seats has Team?', '5');
    const { variants, rejected } = await write(
      [sum],
      [
        { question: 'How many seats has Office?', answer: 'It has 9.' },
        { question: 'How many seats has Guest?', answer: 'none' },
        { question: 'how many  seats has team?', answer: '5' },
        { question: 'And how many of them?', answer: ' ' },
        'talk',
      ],
    );
    expect(variants[0]).toMatchObject([{ example: { check: { kind: 'number', expected: 9, tolerance: 0.01 } } }]);
    expect(rejected).toBe(2);
  });

  it('has no variants of what tests or a pattern check, nor answers that fail their own check', async () => {
    const tests = original({ kind: 'python-tests', tests: ['assert f(1) == 2'] });
    const schema = original({ kind: 'json-schema', schema: { type: 'object', required: ['plan'] } }, 'As JSON?');
    const { variants } = await write([tests, schema], (prompt) => [
      { question: `Another than ${prompt.length}?`, answer: '{"plan": "Office"}' },
      { question: `One more than ${prompt.length}?`, answer: '{"seats": 9}' },
    ]);
    expect(variants.map((own) => own.map(({ example }) => example.answer))).toEqual([[], ['{"plan": "Office"}']]);
  });

  it('spreads them over the questions, a few a request', async () => {
    await write([original(exact), original(exact, 'Which plan is free?', 'Guest')], [], 20);
    expect(seen.map((prompt) => /Write (\d+)/.exec(prompt)?.[1])).toEqual(['8', '2', '8', '2']);
  });
});
