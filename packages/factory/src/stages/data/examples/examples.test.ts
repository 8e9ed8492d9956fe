import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { ExamplesOptions } from './options.ts';
import { splitExamples } from './split-examples.ts';
import { examples } from './stage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-examples-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SUPPORT = join(import.meta.dirname, '../../../../../../examples/support/support.jsonl');

async function split(lines: readonly object[] | string, domain: object = {}, seed = 1) {
  const path = typeof lines === 'string' ? lines : join(folder, 'own.jsonl');
  if (typeof lines !== 'string') writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const options = {
    domain: 'support',
    examples: [{ path: 'own.jsonl', licence: 'CC0-1.0' }],
    checker: { kind: 'contains', field: 'accepted' },
    ...domain,
  };
  const ran = await runStage(examples, { options, sources: { 0: path }, seed });
  const read = (file: string) => readAllJsonl(ran.path(file), Question);
  const rejected = readFileSync(ran.path('rejected.jsonl'), 'utf8').split('\n').filter(Boolean);
  return {
    ...ran,
    heldOut: await read('held-out.jsonl'),
    training: await read('training.jsonl'),
    rejected: rejected.map((line) => JSON.parse(line)),
  };
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    question: `What does part ${at} of the manual number ${at * 7} say about ${at}?`,
    answer: `It says ${at}.`,
    accepted: `says ${at}`,
  }));

describe('examples', () => {
  it('splits the examples of a domain and keeps what each is judged by', async () => {
    const { heldOut, training, facts, warnings } = await split(SUPPORT);
    expect(warnings).toEqual([]);
    expect(facts).toMatchObject({
      domain: 'support',
      checker: 'contains',
      examples: 240,
      rejected: 0,
      licences: ['CC0-1.0'],
    });
    expect(heldOut.length + training.length).toBe(240);
    // 0.3 of 240, give or take two standard deviations.
    expect(heldOut.length).toBeGreaterThanOrEqual(58);
    expect(heldOut.length).toBeLessThanOrEqual(86);
    expect(heldOut[0]).toMatchObject({
      domain: 'support',
      unseen: null,
      task: 'support/examples',
      example: { check: { kind: 'contains', accepted: [expect.any(String)] }, licence: 'CC0-1.0', history: [] },
    });
  });

  it('keeps every example on its side when others are added, in whatever order, and moves them with the seed', async () => {
    const small = await split(numbered(60));
    const large = await split(numbered(90).reverse());
    const asked = (questions: readonly Question[]) => questions.map(({ question }) => question);
    const early = new Set(numbered(60).map(({ question }) => question));
    expect(
      asked(large.heldOut)
        .filter((question) => early.has(question))
        .sort(),
    ).toEqual(asked(small.heldOut).sort());
    expect(asked((await split(numbered(60), {}, 2)).heldOut)).not.toEqual(asked(small.heldOut));
  });

  it('keeps questions that are nearly the same on one side', async () => {
    const pairs = numbered(40).flatMap((example) => [
      example,
      { ...example, question: `Tell me: ${example.question.toUpperCase()}` },
    ]);
    const { heldOut, training } = await split(pairs);
    const core = ({ question }: Question) => question.toLowerCase().replace('tell me: ', '');
    const sides = [heldOut, training].map((side) => new Set(side.map(core)));
    expect((sides[0] as Set<string>).intersection(sides[1] as Set<string>).size).toBe(0);
    expect(heldOut.length % 2).toBe(0);
  });

  it('splits a set whose questions share an instruction by what follows it', async () => {
    const { heldOut, training } = await split(
      Array.from({ length: 100 }, (_, at) => ({
        question: `Classify the sentiment of this review as positive or negative: film ${at}`,
        answer: at % 2 === 0 ? 'positive' : 'negative',
      })),
      { checker: 'exact' },
    );
    expect(heldOut.length).toBeGreaterThanOrEqual(20);
    expect(training.length).toBeGreaterThanOrEqual(60);
  });

  it('keeps all questions of a chain on one side, though its ends are unlike each other', async () => {
    const words = (from: number) => Array.from({ length: 20 }, (_, at) => `w${from + at}`).join(' ');
    for (const seed of [1, 2, 3, 4, 5]) {
      const chain = [4, 0, 6, 2].map((from) => ({ question: words(from), answer: 'It says so.', accepted: 'says' }));
      const { heldOut } = await split([...numbered(40), ...chain], {}, seed);
      expect([0, 4]).toContain(heldOut.filter(({ question }) => question.startsWith('w')).length);
    }
  });

  it('holds out at least one question of a sample of eight', async () => {
    const options = ExamplesOptions.parse({
      ...{ domain: 'support', examples: [{ path: 'own.jsonl' }], checker: 'exact' },
    });
    expect(examples.sample?.(options, 3).examples[0]?.take).toBe(8);
    for (let seed = 0; seed < 8; seed++) {
      const { heldOut, training } = await split(numbered(8), {}, seed);
      expect(heldOut.length).toBeGreaterThanOrEqual(1);
      expect(training.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('leaves out what cannot be checked, repeats, and answers that fail their own check, with the reason', async () => {
    const [first, ...rest] = numbered(40);
    const bad = [
      { question: 'Without a field?', answer: 'x' },
      { question: 'Another answer?', answer: 'It says nothing.', accepted: 'says 7' },
      { ...first, question: ` ${first?.question.toUpperCase()}` },
      { question: '', answer: 'x', accepted: 'x' },
    ];
    const { rejected, facts, warnings } = await split([...bad.slice(0, 2), first as object, ...rest, ...bad.slice(2)]);
    expect(rejected.map((line: { reason: string }) => line.reason).sort()).toEqual([
      'has an answer that fails its own check',
      'has no field "accepted"',
      'has no question',
      'repeats an example before it',
    ]);
    expect(facts).toMatchObject({ examples: 40, rejected: 4 });
    expect(warnings[0]).toContain('4 examples of support are left out');
  });

  it.each([
    ['regex', 'says|', 'an empty answer', 'no alternative empty'],
    ['json-schema', {}, 'the answer "{', 'additionalProperties'],
  ])(
    'refuses the checker %s when most examples give it a check that accepts everything',
    async (kind, check, accepted, remedy) => {
      const answer = '{"says": 1}';
      const loose = numbered(30).map((example) => ({ ...example, answer, check }));
      await expect(split(loose, { checker: { kind, field: 'check' } })).rejects.toMatchObject({
        code: 'CHECKER_TOO_LOOSE',
        exitCode: 3,
        message: expect.stringMatching(new RegExp(`checker .${kind}. of support .* 30 of 30 .* accepts ${accepted}`)),
        hint: expect.stringContaining(remedy),
      });
    },
  );

  it('leaves out an example whose check accepts everything, with the reason, and keeps the others', async () => {
    const sound = numbered(30).map((example) => ({ ...example, check: `^${example.answer.replace('.', '\\.')}$` }));
    const { facts, rejected } = await split([...sound, { question: 'Loose?', answer: 'x', check: '.*' }], {
      checker: { kind: 'regex', field: 'check' },
    });
    expect(facts).toMatchObject({ examples: 30, rejected: 1 });
    expect(rejected).toMatchObject([{ reason: 'has a check that accepts an empty answer', start: 'Loose?' }]);
  });

  it('refuses examples too few to train and to test, and says why they are', async () => {
    const unusable = numbered(30).map(({ question, answer }) => ({ question, answer }));
    await expect(split(unusable)).rejects.toMatchObject({
      code: 'EXAMPLES_TOO_FEW',
      exitCode: 3,
      message: expect.stringContaining('30 of them since each has no field "accepted"'),
    });
    await expect(split(numbered(2))).rejects.toMatchObject({ code: 'EXAMPLES_TOO_FEW' });
  });

  it('reads chats, whose earlier turns stay before the question', async () => {
    const chats = numbered(30).map(({ question, answer }) => ({
      messages: [
        { role: 'system', content: 'You are the help desk.' },
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
    }));
    const { training } = await split(chats, { checker: 'exact' });
    expect(training[0]?.example).toMatchObject({
      history: [{ role: 'system', content: 'You are the help desk.' }],
      check: { kind: 'exact', accepted: [training[0]?.example?.answer] },
    });
  });

  it('plans the requests of a teacher that judges', () => {
    const options = ExamplesOptions.parse({
      ...{ domain: 'support', examples: [{ path: 'own.jsonl' }] },
      checker: { kind: 'judge', teacher: 'openai:test' },
    });
    const { items, questions } = examples.workload(options, {}, { 0: { bytes: 20_000 } });
    expect(items).toBe(100);
    expect(questions).toMatchObject([
      { split: 'test', count: 30, judge: 'openai:test' },
      { split: 'train', count: 70, judge: 'openai:test' },
    ]);
  });
});

describe('splitExamples', () => {
  it('sends a group where the question that stands for it goes', () => {
    const questions = ['a', 'b', 'c', 'd'].map((question) => ({ question }) as Question);
    const alone = splitExamples(questions, [0, 1, 2, 3], 0.5, 1);
    const together = splitExamples(questions, [0, 0, 0, 0], 0.5, 1);
    expect(alone.heldOut.length + alone.training.length).toBe(4);
    // One group has no question for the other side.
    expect([together.heldOut.length, together.training.length]).toEqual([0, 4]);
  });

  it('holds out at least one question and leaves two to train on, whatever the seed and the share', () => {
    const questions = ['a', 'b', 'c', 'd', 'e'].map((question) => ({ question }) as Question);
    for (let seed = 0; seed < 200; seed++) {
      for (const [count, share] of [
        [3, 0.3],
        [5, 0.01],
        [5, 0.99],
      ] as const) {
        const { heldOut, training } = splitExamples(questions.slice(0, count), [0, 1, 2, 3, 4], share, seed);
        expect(heldOut.length).toBeGreaterThanOrEqual(1);
        expect(training.length).toBeGreaterThanOrEqual(2);
      }
    }
  });
});
