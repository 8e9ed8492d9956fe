// @ts-check
/**
 * The child process that runs untrusted Python; README.md explains each protection. Arguments: Pyodide's folder, the memory limit of
 * Python in MiB, the seconds of CPU time after which it runs no further task, and Python to run first (`prepare.ts`). Its stdin is the
 * memory of a Python that is ready; with none, it makes that memory from what is run first, writes it to stdout and ends. Otherwise what is
 * run first returns the function that runs tasks.
 *
 * Plain JavaScript, since each start would otherwise load Node's compiler of TypeScript (0.15 s of CPU time, measured).
 */
import { constants, readFileSync, writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { createContext, Script } from 'node:vm';

/**
 * Growth of an interpreter's memory after which it runs no further task, since that memory would be missing later (chosen: the
 * procedural tasks' own programs make it grow by nothing, measured; 256 MiB are available).
 */
const MOST_GROWN_BYTES = 64 * 2 ** 20;

/** The parent, which knows the reason, stops a program first, also on a busy machine. This process does it where the parent cannot (chosen). */
const TIMES_LONGER = 3;

const [pyodideFolder, memoryMiB, cpuSeconds, first] = /** @type {[string, string, string, string]} */ (
  /** @type {unknown} */ (process.argv.slice(2))
);
const send = /** @type {(message: unknown, sent?: () => void) => void} */ (process.send?.bind(process));

// Pyodide reads file flags through `process.binding`, which --permission refuses; this provides them.
Object.defineProperty(process, 'binding', { value: () => ({ fs: constants }) });

let memoryBytes = 0;
boundMemory(Number(memoryMiB) * 2 ** 20);
/** @type {typeof import('pyodide')} */
const { loadPyodide } = await import(`file://${pyodideFolder}/pyodide.mjs`);
const memory = readFileSync(0);
const python = await loadPyodide({
  ...(memory.length > 0 ? { _loadSnapshot: memory } : { _makeSnapshot: true }),
  indexURL: `${pyodideFolder}/`,
  jsglobals: /** @type {never} */ ({}),
  stdin: () => null,
  stdout: () => {},
  stderr: () => {},
});
if (memory.length === 0) {
  python.runPython(first);
  const made = /** @type {{ makeMemorySnapshot(): Uint8Array }} */ (
    /** @type {unknown} */ (python)
  ).makeMemorySnapshot();
  for (let at = 0; at < made.length; ) at += writeSync(1, made, at);
  process.exit(0);
}
closeNetwork();
const work = /** @type {(task: string) => string} */ (python.runPython(first));

const readyBytes = memoryBytes;

/** V8 ends a script after a time by a thread of its own, also in a loop of WebAssembly. A function call has no such limit. */
const scope = createContext({ runTask: () => '' });
const script = new Script('runTask()');

process.on('message', (/** @type {import('./messages.ts').SandboxWork} */ { tasks, wallMs }) => {
  const next = (/** @type {number} */ at) => {
    const task = tasks[at];
    if (!task) return;
    /** @type {import('./messages.ts').SandboxAnswer} */
    let answer;
    try {
      scope.runTask = () => work(JSON.stringify(task));
      answer = JSON.parse(script.runInContext(scope, { timeout: TIMES_LONGER * wallMs }));
    } catch {
      // It took too long, or Python itself failed, for example by an overflow of the JavaScript stack: its answers cannot be
      // trusted any more.
      process.exit(1);
    }
    if (isWorn()) answer = { ...answer, last: true };
    // Waits until the answer is sent: the next task may end this process and must not take the answer with it.
    send(answer, () => answer.last || setImmediate(next, at + 1));
  };
  next(0);
});
process.on('disconnect', () => process.exit(0));
send({});

function isWorn() {
  const { user, system } = process.cpuUsage();
  return memoryBytes - readyBytes > MOST_GROWN_BYTES || (user + system) / 1e6 > Number(cpuSeconds);
}

/**
 * Limits the memory: the program gets a MemoryError. WebAssembly itself would grow to 4 GiB.
 *
 * @param {number} most - In bytes.
 */
function boundMemory(most) {
  /** @typedef {{ readonly buffer: ArrayBuffer, grow(pages: number): number }} Memory */
  // Node's type definitions lack it.
  const { prototype } = /** @type {{ WebAssembly: { Memory: { prototype: Memory } } }} */ (
    /** @type {unknown} */ (globalThis)
  ).WebAssembly.Memory;
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
function closeNetwork() {
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator']) {
    Reflect.deleteProperty(globalThis, name);
  }
  registerHooks({
    resolve(specifier) {
      throw new Error(`${specifier}: the sandbox loads no modules`);
    },
  });
}
