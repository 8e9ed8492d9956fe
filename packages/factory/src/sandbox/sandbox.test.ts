import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

const sandbox = createSandbox();
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
    expect(results[3]?.reason).toContain('wanted 1, got 2');
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

  it('ends a program that hangs or eats memory, and that one alone', { timeout: 120_000 }, async () => {
    const results = await sandbox.run([
      fine,
      body('while True: pass'),
      fine,
      body('x = []', "while True: x.append('y' * 10**7)"),
      fine,
    ]);
    expect(results.map(({ passed }) => passed)).toEqual([true, false, true, false, true]);
  });

  it('undoes what a program does to the builtins', async () => {
    const tamper = {
      code: 'import builtins\nbuiltins.len = lambda x: 1\ndef f():\n    return len([1, 2])',
      calls: [{ call: 'f()', expected: 'len([1, 2])' }],
    };
    const honest = { code: 'def f():\n    return len([1, 2])', calls: [{ call: 'f()', expected: '2' }] };
    const results = await sandbox.run([tamper, honest]);
    expect(results.map(({ passed }) => passed)).toEqual([false, true]);
  });

  it('bears endless recursion and huge output', async () => {
    const results = await sandbox.run([body('return f()'), body("print('x' * 10**7)", "return 'x' * 10**6"), fine]);
    expect(results.map(({ passed }) => passed)).toEqual([false, false, true]);
    expect(results[1]?.reason.length).toBeLessThan(300);
  });
});
