import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { loadPyodide } from 'pyodide';
import { beforeAll, describe, expect, it } from 'vitest';
import { RUNNER, START_RUNNER } from './runner.ts';

// These tests make the changes that the allowlist prevents, from outside a program.
let python: Awaited<ReturnType<typeof loadPyodide>>;
beforeAll(async () => {
  python = await loadPyodide({ indexURL: dirname(createRequire(import.meta.url).resolve('pyodide/package.json')) });
});

const runner = () => {
  const work = python.runPython(RUNNER + START_RUNNER) as (task: string) => string;
  return (code: string, expression: string) =>
    JSON.parse(work(JSON.stringify({ code, expressions: [expression], isolated: false })));
};

describe('the runner', () => {
  it('finds the shared objects unchanged after any number of tasks', () => {
    const work = runner();
    for (let times = 0; times < 500; times++) {
      expect(work('def f(x):\n    return sum(x) + sum(i for i in x)', 'f([1, 2])')).toEqual({
        values: [{ value: '6' }],
      });
    }
  });

  it.each([
    ['a builtin', 'builtins.sum = lambda xs: 42', 'builtins.sum = was.sum'],
    ['a builtin more', 'builtins.more = 1', 'del builtins.more'],
    ['a builtin of the allowlist', '_BUILTINS["sum"] = lambda xs: 42', ''],
    ['a name of its own', '_METHODS = {"format"}', ''],
    ['a part of json', 'json.encoder.ESCAPE = None', 'json.encoder.ESCAPE = was.ESCAPE'],
    ['its own code', 'json.dumps.__code__ = was.code.replace()', 'json.dumps.__code__ = was.code'],
  ])('notices when %s is changed', (_what, change, undo) => {
    python.runPython(`
import builtins, json, types
was = types.SimpleNamespace(sum=sum, ESCAPE=json.encoder.ESCAPE, code=json.dumps.__code__)
`);
    const work = runner();
    expect(work('', '1')).toEqual({ values: [{ value: '1' }] });
    python.runPython(change);
    expect(work('', '1')).toEqual({ disallowed: 'an object that tasks share was changed', last: true });
    python.runPython(undo);
  });
});
