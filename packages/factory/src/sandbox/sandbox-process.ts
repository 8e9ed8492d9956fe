/**
 * The child that runs untrusted Python; see sandbox.ts. It is locked three times: by Node's permission model, by having no
 * JavaScript globals inside Python, and by refusing to make code from strings, which closes the way over constructors.
 */
import { constants } from 'node:fs';
import type { Program } from './sandbox.ts';

const send = process.send?.bind(process) as (message: unknown) => void;
const pyodideFolder = process.argv[2] as string;

// Pyodide asks for the names of file flags in a way that --permission refuses: answered by hand.
Object.defineProperty(process, 'binding', { value: () => ({ fs: constants }) });

const { loadPyodide } = (await import(`file://${pyodideFolder}/pyodide.mjs`)) as typeof import('pyodide');
const python = await loadPyodide({
  indexURL: `${pyodideFolder}/`,
  jsglobals: {} as never,
  stdout: () => {},
  stderr: () => {},
});

for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator']) {
  Reflect.deleteProperty(globalThis, name);
}

/**
 * Runs a program in a namespace of its own and compares each call by value and type. What it did to the builtins is
 * undone before anything of ours runs again.
 */
const RUNNER = `
import json, builtins
def _make(loads, compile, exec, eval, type, str, repr, BaseException, dict):
    space_of = builtins.__dict__
    saved = dict(space_of)
    def restore():
        space_of.clear()
        space_of.update(saved)
    def attempt(text):
        program = loads(text)
        space = {"__name__": "answer"}
        exec(compile(program["code"], "answer", "exec"), space)
        for call in program["calls"]:
            got = eval(call["call"], space)
            restore()
            want = eval(call["expected"], {})
            if type(got) is not type(want) or got != want:
                return call["call"] + ": wanted " + repr(want)[:80] + ", got " + repr(got)[:80]
        return ""
    def judge(text):
        try:
            return attempt(text)
        except BaseException as error:
            restore()
            return (type(error).__name__ + ": " + str(error))[:200]
        finally:
            restore()
    return judge
_make(json.loads, compile, exec, eval, type, str, repr, BaseException, dict)
`;
const judge = python.runPython(RUNNER) as (text: string) => string;

process.on('message', ({ programs }: { programs: readonly Program[] }) => {
  const next = (at: number) => {
    const program = programs[at];
    if (!program) return;
    let reason: string;
    try {
      reason = judge(JSON.stringify(program));
    } catch (error) {
      reason = `the sandbox gave up: ${String(error).slice(0, 120)}`;
    }
    send({ result: { passed: reason === '', reason } });
    setImmediate(next, at + 1);
  };
  next(0);
});
process.on('disconnect', () => process.exit(0));
send({});
