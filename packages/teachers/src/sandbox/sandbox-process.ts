/**
 * The child that runs untrusted Python; see README.md for what each lock is for. Arguments: Pyodide's folder, and the
 * most MiB that Python may take.
 */
import { constants } from 'node:fs';
import { registerHooks } from 'node:module';
import type { SandboxAnswer, SandboxTask } from './messages.ts';
import { RUNNER } from './runner.ts';

/**
 * An interpreter from which a task took more than this does not run another: what is not given back at once would be
 * missing later (chosen: the generators' own programs make it grow by nothing, measured; 256 MiB are there).
 */
const MOST_GROWN_BYTES = 64 * 2 ** 20;

const [, , pyodideFolder, memoryMiB] = process.argv;
const send = process.send?.bind(process) as (message: unknown, sent?: () => void) => void;

// Pyodide asks for the names of file flags in a way that --permission refuses: answered by hand.
Object.defineProperty(process, 'binding', { value: () => ({ fs: constants }) });

let memoryBytes = 0;
boundMemory(Number(memoryMiB) * 2 ** 20);
const { loadPyodide } = (await import(`file://${pyodideFolder}/pyodide.mjs`)) as typeof import('pyodide');
const python = await loadPyodide({
  indexURL: `${pyodideFolder}/`,
  jsglobals: {} as never,
  stdin: () => null,
  stdout: () => {},
  stderr: () => {},
});
closeNetwork();
const work = python.runPython(RUNNER) as (task: string) => string;

const readyBytes = memoryBytes;

process.on('message', ({ tasks }: { tasks: readonly SandboxTask[] }) => {
  const next = (at: number) => {
    const task = tasks[at];
    if (!task) return;
    let answer: SandboxAnswer;
    try {
      answer = JSON.parse(work(JSON.stringify(task)));
    } catch {
      // Python itself broke, say by an overflow of the JavaScript stack: nothing it says can be trusted from here on.
      process.exit(1);
    }
    if (memoryBytes - readyBytes > MOST_GROWN_BYTES) answer = { ...answer, last: true };
    // Only once it is out: the next task may end this process, and is not to take this answer with it.
    send(answer, () => answer.last || setImmediate(next, at + 1));
  };
  next(0);
});
process.on('disconnect', () => process.exit(0));
send({});

/** Refused growth is a MemoryError to the program; WebAssembly alone would go on to 4 GiB. */
function boundMemory(most: number): void {
  type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
  // Node has it, its types do not.
  const { prototype } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly
    .Memory;
  const { grow } = prototype;
  prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > most) throw new RangeError('no more memory');
    const before = grow.call(this, pages);
    memoryBytes = this.buffer.byteLength;
    return before;
  };
}

/**
 * Node 24's permission model knows no network. Pyodide reaches it by `fetch`, or by loading `node:net`
 * (`pyodide_js.useNodeSockFS`): the first is removed, and no module of any kind is loaded from here on.
 */
function closeNetwork(): void {
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator']) {
    Reflect.deleteProperty(globalThis, name);
  }
  registerHooks({
    resolve(specifier) {
      throw new Error(`${specifier}: nothing is loaded in the sandbox`);
    },
  });
}
