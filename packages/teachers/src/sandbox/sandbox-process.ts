/**
 * The child process that runs untrusted Python; README.md explains each protection. Arguments: Pyodide's folder, and the
 * memory limit of Python in MiB.
 */
import { constants } from 'node:fs';
import { registerHooks } from 'node:module';
import type { SandboxAnswer, SandboxTask } from './messages.ts';
import { RUNNER } from './runner.ts';

/**
 * Growth of an interpreter's memory after which it runs no further task, since that memory would be missing later (chosen: the
 * procedural tasks' own programs make it grow by nothing, measured; 256 MiB are available).
 */
const MOST_GROWN_BYTES = 64 * 2 ** 20;

const [, , pyodideFolder, memoryMiB] = process.argv;
const send = process.send?.bind(process) as (message: unknown, sent?: () => void) => void;

// Pyodide reads file flags through `process.binding`, which --permission refuses; this provides them.
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
      // Python itself failed, for example by an overflow of the JavaScript stack: its answers cannot be trusted any more.
      process.exit(1);
    }
    if (memoryBytes - readyBytes > MOST_GROWN_BYTES) answer = { ...answer, last: true };
    // Waits until the answer is sent: the next task may end this process and must not take the answer with it.
    send(answer, () => answer.last || setImmediate(next, at + 1));
  };
  next(0);
});
process.on('disconnect', () => process.exit(0));
send({});

/** Limits the memory: the program gets a MemoryError. WebAssembly itself would grow to 4 GiB. */
function boundMemory(most: number): void {
  type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
  // Node's type definitions lack it.
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
 * Node 24's permission model does not cover the network. Pyodide reaches it by `fetch`, or by loading `node:net`
 * (`pyodide_js.useNodeSockFS`): this removes the first and blocks the loading of every module from now on.
 */
function closeNetwork(): void {
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator']) {
    Reflect.deleteProperty(globalThis, name);
  }
  registerHooks({
    resolve(specifier) {
      throw new Error(`${specifier}: the sandbox loads no modules`);
    },
  });
}
