import { describe, expect, it } from 'vitest';
import { exampleCheck } from './example-check.ts';
import { CheckerOptions } from './options.ts';
import { readAssertion } from './read-assertion.ts';

const made = (checker: unknown, answer: string, field?: unknown) =>
  exampleCheck(CheckerOptions.parse(checker), { answer, field });

describe('exampleCheck', () => {
  it('takes the answer where the checker names no field', () => {
    expect(made('exact', 'Paris')).toEqual({ kind: 'exact', accepted: ['Paris'] });
    expect(made('number', 'So it is 1,200.')).toEqual({ kind: 'number', expected: 1200, tolerance: 0 });
  });

  it('takes what the field of the example says, one or a list', () => {
    expect(made({ kind: 'contains', field: 'accepted' }, 'x', ['a', 7])).toEqual({
      kind: 'contains',
      accepted: ['a', '7'],
    });
    expect(made({ kind: 'regex', field: 'pattern' }, 'x', '^x')).toEqual({ kind: 'regex', pattern: '^x' });
    expect(made({ kind: 'json-schema', field: 'schema' }, '{}', '{"type":"object"}')).toEqual({
      kind: 'json-schema',
      schema: { type: 'object' },
    });
    expect(made({ kind: 'python-tests', field: 'tests' }, 'x', 'assert f(1) == 2\n\nassert f(2)')).toEqual({
      kind: 'python-tests',
      tests: ['assert f(1) == 2', 'assert f(2)'],
    });
  });

  it.each([
    [{ kind: 'contains', field: 'accepted' }, undefined, 'has no field "accepted"'],
    [{ kind: 'contains', field: 'accepted' }, [], 'not a text or a list of texts'],
    [{ kind: 'regex', field: 'pattern' }, '(', 'does not compile'],
    [{ kind: 'json-schema', field: 'schema' }, { type: 'text' }, 'does not compile'],
    [{ kind: 'python-tests', field: 'tests' }, ['import os'], 'no assertion of one line'],
    [{ kind: 'number', field: 'size' }, 'many', 'not a number'],
  ])('says why an example cannot be checked by %o', (checker, field, problem) => {
    expect(made(checker, 'answer', field)).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});

describe('CheckerOptions', () => {
  it.each([
    ['contain', 'a checker is exact, contains'],
    [{ kind: 'regex' }, 'neither a `pattern` nor'],
    [{ kind: 'regex', pattern: 'a', field: 'b' }, 'both a `pattern` and'],
    [{ kind: 'regex', pattern: '(' }, 'Unterminated group'],
    [{ kind: 'json-schema', schema: { type: 'text' } }, 'does not compile'],
    ['python-tests', 'expected string'],
    ['judge', 'expected string'],
    [{ kind: 'judge', teacher: 'procedural:master' }, 'procedural teachers judge no text'],
  ])('refuses %o', (given, message) => {
    const parsed = CheckerOptions.safeParse(given);
    expect(parsed.error?.issues.map((issue) => issue.message).join('; ')).toContain(message);
  });
});

describe('readAssertion', () => {
  it.each([
    ['assert f(2) == 4', 'f(2) == 4'],
    ['assert f((1, 2), "a,b") == [3], "three"', 'f((1, 2), "a,b") == [3]'],
    ['assert f("#") < 3', 'f("#") < 3'],
    ['assert f(1), f(2)', 'f(1)'],
    ['f(1) == 2', null],
    ['assert', null],
    ['assert f(1', null],
    ['assert f(1)) or (1', null],
    ["assert f('", null],
    ['assert True # always', null],
    ['def check(f):', null],
    ['', null],
  ])('reads %o', (test, condition) => {
    expect(readAssertion(test)).toBe(condition);
  });
});
