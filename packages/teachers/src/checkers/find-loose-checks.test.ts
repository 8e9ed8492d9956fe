import type { ExampleCheck } from '@cogumi/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { findLooseChecks } from './find-loose-checks.ts';
import { createJudge } from './judge.ts';

const judge = createJudge();
afterAll(() => judge.close());
const nobody = () => Promise.reject(new Error('no teacher is asked'));

const example = (check: ExampleCheck, answer: string, at: number) => ({
  ...{ question_id: `support_example_${at}`, domain: 'support', difficulty: 'easy' as const, task: 'support/examples' },
  ...{ wording: '', unseen: null, draw: '', question: `Question ${at}?`, facts: null },
  example: { answer, history: [], check, source: 'test', licence: 'CC0-1.0', terms: null },
});

/** What is found of twelve examples with answers of their own, whose checks are made from their place. */
const find = (check: (at: number) => ExampleCheck, answer = (at: number) => `It says ${at}.`) =>
  findLooseChecks(
    Array.from({ length: 12 }, (_, at) => example(check(at), answer(at), at)),
    (items) => judge.judge(items, nobody),
  );
const none = Array(12).fill(null);

const python = (at: number) => `def f${at}(x):\n    return x + ${at}`;

describe('findLooseChecks', () => {
  it.each<[string, (at: number) => ExampleCheck, ((at: number) => string)?]>([
    ['exact texts', (at) => ({ kind: 'exact', accepted: [`It says ${at}`] })],
    ['one label of two', (at) => ({ kind: 'exact', accepted: [`${at % 2}`] }), (at) => `${at % 2}`],
    ['contained texts', (at) => ({ kind: 'contains', accepted: [`says ${at}`] })],
    ['patterns', (at) => ({ kind: 'regex', pattern: `^It says ${at}\\.$` })],
    ['a pattern of all, for the form', () => ({ kind: 'regex', pattern: '^It says [0-9]+\\.$' })],
    ['numbers', (at) => ({ kind: 'number', expected: at, tolerance: 0.5 })],
    [
      'a schema of all, for the form',
      () => ({ kind: 'json-schema', schema: { type: 'object', required: ['says'] } }),
      (at) => `{"says": ${at}}`,
    ],
    ['tests', (at) => ({ kind: 'python-tests', tests: [`assert f${at}(1) == ${at + 1}`] }), python],
    ['a judge, who would cost', () => ({ kind: 'judge', teacher: 'openai:test', minScore: 7, passport: null })],
  ])('finds nothing wrong with %s', async (_, check, answer) => {
    expect(await find(check, answer)).toEqual(none);
  });

  it.each<[string, (at: number) => ExampleCheck, string, ((at: number) => string)?]>([
    ['a pattern with an empty alternative', () => ({ kind: 'regex', pattern: 'yes|' }), 'an empty answer'],
    ['a pattern of any text', () => ({ kind: 'regex', pattern: '.' }), 'the answer "Qzvx'],
    ['a pattern of any number', () => ({ kind: 'regex', pattern: '\\d+' }), 'the answer "Qzvx'],
    [
      'a pattern for all answers',
      (at) => ({ kind: 'regex', pattern: `^It says|^It is ${at}` }),
      'the answers of other examples',
    ],
    [
      'a text of all answers',
      (at) => ({ kind: 'contains', accepted: ['says', `${at}`] }),
      'the answers of other examples',
    ],
    [
      'the answers of all',
      (at) => ({ kind: 'exact', accepted: [`${at}`, ...Array.from({ length: 12 }, (_, one) => `It says ${one}`)] }),
      'the answers of other examples',
    ],
    ['a tolerance for every number', (at) => ({ kind: 'number', expected: at, tolerance: 1e9 }), 'the answer "Qzvx'],
    [
      'a tolerance for all answers',
      (at) => ({ kind: 'number', expected: at, tolerance: 20 }),
      'the answers of other examples',
    ],
    ['the empty schema', () => ({ kind: 'json-schema', schema: {} }), 'the answer "{', () => '{"a": 1}'],
    ['a schema of any text', () => ({ kind: 'json-schema', schema: { type: 'string' } }), 'the answer', () => '"a"'],
    ['a test of nothing', () => ({ kind: 'python-tests', tests: ['assert True'] }), 'an empty answer', python],
    ['a test of Python', () => ({ kind: 'python-tests', tests: ['assert len("ab") == 2'] }), 'an empty answer', python],
  ])('finds %s', async (_, check, accepted, answer) => {
    expect(await find(check, answer)).toEqual(none.map(() => expect.stringContaining(`accepts ${accepted}`)));
  });
});
