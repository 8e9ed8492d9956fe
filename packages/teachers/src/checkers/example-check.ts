import type { ExampleCheck } from '@cogumi/contracts';
import { schemaProblem } from './json-schema.ts';
import { lastNumber } from './number.ts';
import type { CheckerOptions } from './options.ts';
import { readAssertion } from './read-assertion.ts';
import { patternProblem } from './regex.ts';

/** Why an example cannot be checked, as the end of a sentence about it. */
export interface Unusable {
  readonly problem: string;
}

/** Longest value that is shown in a problem. */
const SHOWN = 80;

/**
 * How replies to an example are judged.
 *
 * @param own - Its answer, and the value of the field that the checker names; undefined where it has none.
 */
export function exampleCheck(
  checker: CheckerOptions,
  own: { readonly answer: string; readonly field: unknown },
): ExampleCheck | Unusable {
  const missing = 'field' in checker && checker.field !== null && own.field === undefined;
  if (missing) return { problem: `has no field "${checker.field}"` };
  switch (checker.kind) {
    case 'exact':
    case 'contains': {
      const accepted = textsOf(checker.field === null ? own.answer : own.field);
      return accepted ? { kind: checker.kind, accepted } : refused(checker, own, 'a text or a list of texts');
    }
    case 'regex': {
      const pattern = checker.pattern ?? own.field;
      if (typeof pattern !== 'string' || pattern === '') return refused(checker, own, 'a regular expression');
      const problem = patternProblem(pattern);
      return problem === null
        ? { kind: 'regex', pattern }
        : { problem: `has a pattern that does not compile: ${problem}` };
    }
    case 'number': {
      const value = checker.field === null ? own.answer : own.field;
      const expected = typeof value === 'number' ? value : typeof value === 'string' ? lastNumber(value) : null;
      return expected === null || !Number.isFinite(expected)
        ? refused(checker, own, 'a number')
        : { kind: 'number', expected, tolerance: checker.tolerance };
    }
    case 'json-schema': {
      const schema = checker.schema ?? parsed(own.field);
      const problem = schemaProblem(schema);
      // What compiles is JSON: it was read from it.
      return problem === null
        ? { kind: 'json-schema', schema: schema as Extract<ExampleCheck, { kind: 'json-schema' }>['schema'] }
        : { problem: `has a schema that does not compile: ${problem}` };
    }
    case 'python-tests': {
      const lines = typeof own.field === 'string' ? own.field.split('\n') : own.field;
      const tests = textsOf(
        Array.isArray(lines) ? lines.filter((line) => typeof line !== 'string' || line.trim() !== '') : lines,
      );
      if (!tests) return refused(checker, own, 'a list of assertions');
      const bad = tests.find((test) => readAssertion(test) === null);
      return bad === undefined
        ? { kind: 'python-tests', tests }
        : { problem: `has a test that is no assertion of one line: ${bad.slice(0, SHOWN)}` };
    }
    case 'judge':
      return {
        ...{ kind: 'judge', teacher: checker.teacher, minScore: checker.minScore, passport: null },
        ...(checker.compare === 'pairs' ? { compare: 'pairs' } : {}),
      };
  }
}

function textsOf(value: unknown): string[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.map((one) => (typeof one === 'number' ? String(one) : one));
  const good = texts.every((text): text is string => typeof text === 'string' && text.trim() !== '');
  return good && texts.length > 0 ? texts : null;
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function refused(
  checker: CheckerOptions,
  { answer, field }: { answer: string; field: unknown },
  wanted: string,
): Unusable {
  const named = 'field' in checker && checker.field !== null;
  const got = JSON.stringify(named ? field : answer)?.slice(0, SHOWN);
  return { problem: `has ${got} as ${named ? `"${checker.field}"` : 'its answer'}, which is not ${wanted}` };
}
