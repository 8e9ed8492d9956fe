import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JudgePassport, Message } from '@cogumi/contracts';
import { createRandom } from '@cogumi/pure';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProviderServer, startProviderServer } from '../testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from '../testing/test-teacher-pool.ts';
import { checkJudge, describePassport, type Labels, readLabels } from './index.ts';

/** Answers say what they are worth, so that a judge can be as good or as bad as a test wants it. */
const answer = (worth: number, words: number) => `worth ${worth}${' and so on'.repeat(words)}`;
const random = createRandom('labels');
const PAIRS = Array.from({ length: 40 }, (_, at) => {
  const [first, second] = [
    answer(random.integer(1, 4), random.integer(0, 9)),
    answer(random.integer(5, 9), random.integer(0, 9)),
  ];
  const better = at % 2 === 0 ? 'second' : 'first';
  const [above, below] = at % 2 === 0 ? [first, second] : [second, first];
  return { question: `Question ${at}?`, first: above, second: below, better };
});
const ANSWERS = Array.from({ length: 40 }, (_, at) => {
  const worth = random.integer(1, 10);
  return { question: `Question ${at}?`, answer: answer(worth, random.integer(0, 9)), good: worth >= 7 };
});

const worthOf = (text: string) => Number(/worth (\d+)/.exec(text)?.[1]);
const splitPair = (messages: readonly Message[]) =>
  /Answer A:\n([\s\S]*)\n\nAnswer B:\n([\s\S]*)$/.exec(messages.at(-1)?.content ?? '')?.slice(1) as [string, string];
const better = (letter: string) => JSON.stringify({ better: letter });
const score = (value: number) => JSON.stringify({ quality: value, relevance: value, clarity: value });
/** The same side for the same text, in whatever order requests come. */
const coinOf = (text: string) => createRandom(text).chance(0.5);

/** What each model of the server says of a pair. */
const PAIR_JUDGES: Readonly<Record<string, (above: string, below: string) => string>> = {
  sound: (above, below) => better(worthOf(above) > worthOf(below) ? 'A' : 'B'),
  'always-first': () => better('A'),
  longer: (above, below) => better(above.length === below.length ? 'tie' : above.length > below.length ? 'A' : 'B'),
  random: (above, below) => better(coinOf(above + below) ? 'A' : 'B'),
  nonsense: () => 'The colour of Tuesday is {"better": "C"}.',
  refuses: () => "I'm sorry, but I cannot compare these answers.",
  'mostly-sound': (above, below) =>
    better(worthOf(above) > worthOf(below) === createRandom(above + below).chance(0.95) ? 'A' : 'B'),
};
/** The same of an answer. */
const ANSWER_JUDGES: Readonly<Record<string, (text: string) => string>> = {
  sound: (text) => score(worthOf(text)),
  generous: () => score(9),
  longer: (text) => score(text.length > 50 ? 9 : 3),
  random: (text) => score(coinOf(text) ? 4 : 9),
  nonsense: () => score(11),
};

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer({
    models: [...new Set([...Object.keys(PAIR_JUDGES), ...Object.keys(ANSWER_JUDGES)])],
    answer: (messages, model) => {
      const pair = splitPair(messages);
      return pair
        ? (PAIR_JUDGES[model]?.(...pair) ?? '')
        : (ANSWER_JUDGES[model]?.(messages.at(-1)?.content ?? '') ?? '');
    },
  });
});
afterAll(() => server.close());

const context = { stage: 'judge', tier: null, batchable: false, signal: new AbortController().signal };
const pairs = (records: readonly object[] = PAIRS) => readLabels(records, { name: 'labels.jsonl', minScore: 7 });

async function check(
  model: string,
  labels: Labels,
  { samples = 0, ...options }: { samples?: number; store?: string; budget?: number } = {},
): Promise<JudgePassport> {
  const teacher = `openai:${model}`;
  const prices = { [teacher]: { input: 1, output: 1, batch: 0.5 } };
  const pool = openTestTeacherPool(server.url, [teacher], { prices, ...options });
  try {
    return await checkJudge(pool, { teacher, labels, samples }, context);
  } finally {
    await pool.close();
  }
}
const failed = ({ requirements }: JudgePassport) =>
  requirements.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);

describe('checkJudge on pairs', () => {
  it('gives a sound judge its passport, bound to judge, prompt and labels', async () => {
    const passport = await check('sound', pairs(), { samples: 3 });
    expect(passport).toMatchObject({
      verdict: 'valid',
      teacher: 'openai:sound',
      form: 'pairs',
      items: 40,
      agreement: 1,
    });
    expect(passport.requirements.map(({ name }) => name)).toEqual([
      ...['readable', 'order', 'length', 'repeats', 'chance', 'people'],
    ]);
    const fewer = await check('sound', pairs(PAIRS.slice(1)));
    expect(fewer.labels).not.toBe(passport.labels);
    expect((await check('mostly-sound', pairs())).verdict).toBe('valid');
  });

  it.each([
    ['always-first', 'order'],
    ['longer', 'length'],
    ['random', 'people'],
    ['nonsense', 'readable'],
    ['refuses', 'readable'],
  ])('refuses a judge that is %s, by the name %s', async (model, name) => {
    const passport = await check(model, pairs());
    expect(passport.verdict).toBe('refused');
    expect(failed(passport)).toContain(name);
    expect(describePassport(passport)).toMatch(/^refused: /);
  });

  it('says how a bad judge goes about it', async () => {
    const evidence = async (model: string, name: string) =>
      (await check(model, pairs())).requirements.find((one) => one.name === name)?.evidence;
    expect(await evidence('always-first', 'order')).toBe(
      '0 of 40 verdicts stay; it prefers the upper answer in 80 of 80',
    );
    expect(await evidence('refuses', 'readable')).toBe('0 of 40 items have a verdict; 80 replies refuse to judge');
    expect(await evidence('longer', 'length')).toMatch(/^right in 0 of \d+ .* suggests in (\d+) of \1$/);
  });

  it('is undecided over few labels', async () => {
    const passport = await check('sound', pairs(PAIRS.slice(0, 3)));
    expect(passport.verdict).toBe('undecided');
    expect(describePassport(passport)).toMatch(/^undecided: the labels cannot tell .*people/);
  });

  it('holds a judge against people where several labelled each item', async () => {
    const several = (wrong: number) =>
      PAIRS.map(({ better: right, ...pair }, at) => {
        const other = right === 'first' ? 'second' : 'first';
        return { ...pair, better: [right, right, at % 10 < wrong ? other : right] };
      });
    const people = async (model: string) =>
      (await check(model, pairs(several(3)))).requirements.find(({ name }) => name === 'people');
    // People agree in 0.8 of their pairs: (0.7 × 1 + 0.3 × 1/3). The judge agrees with 0.9 of them.
    expect(await people('sound')).toMatchObject({ threshold: -0.1, measured: expect.closeTo(0.1, 6), verdict: 'pass' });
    expect(await people('always-first')).toMatchObject({ verdict: 'fail' });
  });

  it('draws labels of one side alone as well: chosen and rejected', async () => {
    const chosen = PAIRS.map(({ question, first, second, better: side }) => ({
      prompt: question,
      chosen: side === 'first' ? first : second,
      rejected: side === 'first' ? second : first,
    }));
    expect((await check('sound', pairs(chosen))).verdict).toBe('valid');
    expect(failed(await check('always-first', pairs(chosen)))).toContain('order');
  });
});

describe('checkJudge on answers', () => {
  const answers = () => readLabels(ANSWERS, { name: 'answers.jsonl', minScore: 7 });

  it('gives a sound judge its passport, and it holds for one minimum score', async () => {
    const passport = await check('sound', answers());
    expect(passport).toMatchObject({ verdict: 'valid', form: 'answers', minScore: 7, kappa: 1 });
    expect(passport.requirements.map(({ name }) => name)).not.toContain('order');
  });

  it.each(['generous', 'longer', 'random', 'nonsense'])('gives a judge that is %s none', async (model) => {
    expect((await check(model, answers())).verdict).not.toBe('valid');
  });
});

describe('what is paid for', () => {
  it('is bought once, also where the budget ended in the middle', async () => {
    const store = mkdtempSync(join(tmpdir(), 'cogumi-judging-'));
    try {
      const before = server.log.requests.length;
      await expect(check('sound', pairs(), { store, budget: 0.01, samples: 3 })).rejects.toMatchObject({
        code: 'BUDGET_EXCEEDED',
      });
      const paid = server.log.requests.length - before;
      expect(paid).toBeGreaterThan(10);
      expect(paid).toBeLessThan(200);
      const passport = await check('sound', pairs(), { store, samples: 3 });
      expect(passport.verdict).toBe('valid');
      // Two orders and three samples of 40 pairs, whenever they were asked.
      expect(server.log.requests.length - before).toBe(200);
      expect(await check('sound', pairs(), { store, samples: 3 })).toEqual(passport);
      expect(server.log.requests.length - before).toBe(200);
    } finally {
      rmSync(store, { recursive: true });
    }
  });
});

describe('readLabels', () => {
  const read = (records: readonly unknown[]) => readLabels(records, { name: 'labels.jsonl', minScore: 7 });

  it('reads labels as they are published', () => {
    const alpaca = { instruction: 'Why?', output_1: 'So.', output_2: 'No.', preference: 2, annotator: 'someone' };
    expect(read([alpaca, { ...alpaca, preference: null }])).toEqual({
      form: 'pairs',
      items: [{ question: 'Why?', first: 'So.', second: 'No.', people: ['second'] }],
    });
    const kto = {
      messages: [
        { role: 'user', content: 'Why?' },
        { role: 'assistant', content: 'So.' },
      ],
      label: true,
    };
    const bad = { question: 'Why?', answer: 'No.', score: [3, 8, 6] };
    expect(read([kto, { ...kto, label: false }])).toMatchObject({ form: 'answers', items: [{ people: [true] }, {}] });
    expect(read([bad, { ...bad, score: 9 }])).toMatchObject({
      items: [{ people: [false, true, false] }, { people: [true] }],
    });
    const dpo = {
      conversations: [{ from: 'human', value: 'Why?' }],
      chosen: { value: 'So.' },
      rejected: { value: 'No.' },
    };
    expect(read([dpo])).toMatchObject({ items: [{ question: 'Why?', first: 'So.', people: ['first'] }] });
  });

  it.each([
    ['no record', [], 'LABELS_EMPTY', 'has no record'],
    ['records that nobody labelled', ANSWERS.map((one) => ({ ...one, good: null })), 'LABELS_EMPTY', 'None of the 40'],
    ['other fields', [{ text: 'a' }], 'LABELS_UNKNOWN', 'Record 1 of labels.jsonl is no label: it has the fields text'],
    ['a record that is no object', ['a'], 'LABELS_UNKNOWN', 'it is "a"'],
    ['another form later', [PAIRS[0], ANSWERS[0]], 'LABELS_UNKNOWN', 'Record 2'],
    ['a label of another type', [{ ...PAIRS[0], better: 'A' }], 'LABELS_UNKNOWN', 'question, first, second, better'],
    ['good answers alone', ANSWERS.map((one) => ({ ...one, good: true })), 'LABELS_ONE_CLASS', 'say good'],
    ['ties alone', PAIRS.map((one) => ({ ...one, better: 'tie' })), 'LABELS_ONE_CLASS', 'ties'],
  ])('refuses %s', (_, records, code, message) => {
    expect(() => read(records)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
