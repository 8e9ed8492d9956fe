import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

// Programs end by their processor time or by themselves, however busy the machine is.
const sandbox = createSandbox({ wallMs: 600_000 });
afterAll(() => sandbox.close());

const body = (...lines: string[]) => ({
  code: ['def f():', ...lines.map((line) => `    ${line}`)].join('\n'),
  calls: [{ call: 'f()', expected: "'out'" }],
});
const fine = { code: 'def f():\n    return 1', calls: [{ call: 'f()', expected: '1' }] };

describe('createSandbox', () => {
  it('judges by value and type', async () => {
    const call = (code: string, expected: string) => ({
      code: `def f():\n    return ${code}`,
      calls: [{ call: 'f()', expected }],
    });
    const results = await sandbox.run([
      call('1', '1'),
      call('True', '1'),
      call('[1, 2]', '[1, 2]'),
      call('2', '1'),
      call('1 +', '1'),
    ]);
    expect(results.map(({ passed }) => passed)).toEqual([true, false, true, false, false]);
    expect(results[3]?.reason).toContain('expected 1, got 2');
  });

  it.each([
    ['reads a file of the host', ["open('/etc/passwd').read()", "return 'out'"]],
    ['starts a process', ['import subprocess', "subprocess.run(['ls'])", "return 'out'"]],
    ['finds the process in js', ['import js', 'js.process.exit(0)', "return 'out'"]],
    [
      'makes code over constructors',
      ['import pyodide_js', "pyodide_js.constructor.constructor('return process')()", "return 'out'"],
    ],
    ['fetches', ['from js import fetch', "fetch('http://127.0.0.1')", "return 'out'"]],
    ['opens a WebSocket', ['from js import WebSocket', "WebSocket.new('ws://127.0.0.1')", "return 'out'"]],
    ['opens a socket', ['import socket', "socket.create_connection(('127.0.0.1', 22), 1)", "return 'out'"]],
  ])('stops a program that %s', async (_what, lines) => {
    const [result, next] = await sandbox.run([body(...lines), fine]);
    expect(result?.passed).toBe(false);
    expect(next).toEqual({ passed: true, reason: '' });
  });

  it.each([
    [
      'says it equals everything',
      'class Liar(int):\n    def __eq__(self, other): return True\ndef f():\n    return Liar(7)',
    ],
    [
      'calls itself a string',
      'class Liar(str):\n    def __repr__(self): return "\'out\'"\ndef f():\n    return Liar("in")',
    ],
    ['rewrites json', 'import json\njson.dumps = lambda x: \'[{"value": "1"}]\'\ndef f():\n    return 2'],
    [
      'looks for the expected values in the frames',
      'import sys\ndef f():\n    return sys._getframe(1).f_locals["expected"]',
    ],
  ])('does not believe a program that %s', async (_what, code) => {
    const [result, next] = await sandbox.run([{ code, calls: [{ call: 'f()', expected: '1' }] }, fine]);
    expect(result?.passed).toBe(false);
    expect(next).toEqual({ passed: true, reason: '' });
  });

  it('runs a disallowed program in an interpreter that no later program sees', async () => {
    const spoil = body('import math', 'math.pi = 3', "return 'out'");
    const look = body('import math', "return 'out' if math.pi > 3.1 else 'spoilt'");
    expect((await sandbox.run([spoil, look])).map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('blocks the sockets that Pyodide itself offers', async () => {
    const [result] = await sandbox.run([
      body(
        'import pyodide_js',
        'from pyodide.ffi import run_sync',
        'run_sync(pyodide_js.useNodeSockFS())',
        "return 'out'",
      ),
    ]);
    expect(result?.passed).toBe(false);
  });

  it('raises a MemoryError at the limit, which the program may catch', async () => {
    const [result] = await sandbox.run([
      body('try:', "    x = 'y' * (300 * 2**20)", 'except MemoryError:', "    return 'out'", "return 'had it'"),
    ]);
    expect(result).toEqual({ passed: true, reason: '' });
  });

  it('judges simultaneous batches one after another', async () => {
    const results = await Promise.all([sandbox.run([fine]), sandbox.run([body("return 'in'")]), sandbox.run([fine])]);
    expect(results.flat().map(({ passed }) => passed)).toEqual([true, false, true]);
  });

  it('stops a program that hangs or exhausts memory, and no other program', async () => {
    const results = await sandbox.run([
      fine,
      body('while True: pass'),
      fine,
      body('x = []', "while True: x.append('y' * 10**7)"),
      fine,
    ]);
    expect(results.map(({ passed }) => passed)).toEqual([true, false, true, false, true]);
    expect(results[1]?.reason).toBe('stopped after 2000 ms of CPU time');
    expect(results[3]?.reason).toContain('MemoryError');
  });

  it('undoes changes of a program to the builtins', async () => {
    const tamper = {
      code: 'import builtins\nbuiltins.len = lambda x: 1\ndef f():\n    return len([1, 2])',
      calls: [{ call: 'f()', expected: 'len([1, 2])' }],
    };
    const honest = { code: 'def f():\n    return len([1, 2])', calls: [{ call: 'f()', expected: '2' }] };
    const results = await sandbox.run([tamper, honest]);
    expect(results.map(({ passed }) => passed)).toEqual([false, true]);
  });

  it('hides expected values and later verdicts from a program that finds the builtins', async () => {
    const attack = body(
      'try:',
      `    ("{0." + "_"+"_glo"+"bals_"+"_" + ".nope}").format(f)`,
      'except AttributeError as e:',
      '    e.obj["_"+"_builtins_"+"_"]["sum"] = lambda xs: 42',
      "return 'out'",
    );
    const g = (result: string) => ({
      code: `def g(xs):\n    return ${result}`,
      calls: [{ call: 'g([1, 2])', expected: 'sum([1, 2])' }],
    });
    const programs = [attack, g('42'), g('sum(xs)'), g('xs[0] + xs[1]')];
    for (let times = 0; times < 2; times++) {
      expect((await sandbox.run(programs)).map(({ passed }) => passed)).toEqual([true, false, true, true]);
    }
  });

  it('gives each program that has an interpreter of its own its own result, also beside one that hangs', async () => {
    const codes = Array.from({ length: 5 }, (_, at) =>
      at === 1 ? 'import math\nwhile True: pass' : `import math\ndef f():\n    return math.floor(${at}.5)`,
    );
    const results = await sandbox.run(codes.map((code, at) => ({ code, calls: [{ call: 'f()', expected: `${at}` }] })));
    expect(results.map(({ passed }) => passed)).toEqual([true, false, true, true, true]);
    expect(results[1]?.reason).toContain('stopped after 2000 ms of CPU time');
  });

  it('evaluates disallowed expected values in an isolated interpreter', async () => {
    const results = await sandbox.run([
      { ...fine, calls: [{ call: 'f()', expected: '(lambda: 1).__name__' }] },
      { ...fine, calls: [{ call: 'f()', expected: '__import__("math").gcd(3, 4)' }] },
    ]);
    expect(results.map(({ passed }) => passed)).toEqual([false, true]);
  });

  it('attributes the end of an interpreter to the program that caused it', async () => {
    const long = {
      code: "def f(): return 'x' * 90_000",
      calls: Array.from({ length: 5 }, () => ({ call: 'f()', expected: "'x' * 90_000" })),
    };
    const crash = body('x = []', 'for i in range(10**5): x = [x]', 'return repr(x)');
    const passed = (await sandbox.run([long, long, long, long, crash, long, crash, fine])).map((one) => one.passed);
    expect(passed).toEqual([true, true, true, true, false, true, false, true]);
  });

  it('stops a program that only waits', async () => {
    const impatient = createSandbox({ wallMs: 1500 });
    try {
      const results = await impatient.run([body('import time', 'time.sleep(600)', "return 'out'"), fine]);
      expect(results.map(({ passed }) => passed)).toEqual([false, true]);
    } finally {
      await impatient.close();
    }
  });

  it('survives endless recursion and huge output', async () => {
    const results = await sandbox.run([body('return f()'), body("print('x' * 10**7)", "return 'x' * 10**6"), fine]);
    expect(results.map(({ passed }) => passed)).toEqual([false, false, true]);
    expect(results[1]?.reason.length).toBeLessThan(300);
  });
});
