import { type ChildProcess, fork } from 'node:child_process';
import { fromErrorMessage, ModelDiedError } from '../errors.ts';
import type { GeneratePiece } from '../types.ts';
import type { Answer, Ask } from './messages.ts';

type Body<T> = T extends unknown ? Omit<T, 'id'> : never;
/** How long a process may take to end by itself. */
const CLOSE_MS = 3000;
/** What is kept of what the process writes: an assertion of ggml is one line, a JavaScript error about ten. */
const LAST_BYTES = 4000;
const LAST_LINES = 5;
/** How long is waited for them: something the process started may hold the pipe open. */
const LAST_WORDS_MS = 500;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly piece?: ((piece: GeneratePiece) => void) | undefined;
  readonly progress?: ((done: number) => void) | undefined;
}

export interface ModelProcess {
  readonly pid: number;
  ask<T>(ask: Body<Ask>, onProgress?: (done: number) => void): Promise<T>;
  /** Pieces go to `onPiece`; resolves after the last one. */
  stream(ask: Body<Ask>, onPiece: (piece: GeneratePiece) => void): { id: number; done: Promise<void> };
  /** No answer is waited for. */
  post(ask: Body<Ask>): void;
  readonly died: Promise<ModelDiedError>;
  close(): Promise<void>;
}

/** Starts the process of `model-process.ts`; everything pending is refused with ModelDiedError when it ends. */
export function startProcess(): ModelProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child: ChildProcess = fork(new URL(`./model-process.${extension}`, import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: extension === 'ts' ? ['--conditions=source'] : [],
    // ggml would call a debugger for a backtrace when it aborts, and some wait for ever.
    env: { ...process.env, GGML_NO_BACKTRACE: '1' },
  });
  const pending = new Map<number, Pending>();
  let lastWords = '';
  let nextId = 1;
  let gone: ModelDiedError | null = null;
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-LAST_BYTES);
  });

  const { promise: died, resolve: tellDeath } = Promise.withResolvers<ModelDiedError>();
  const ended = (signal: string | null, code: number | null) => {
    const lines = lastWords.split('\n').filter((line) => line.trim() !== '');
    gone ??= new ModelDiedError(signal, code, lines.slice(-LAST_LINES));
    for (const { reject } of pending.values()) reject(gone);
    pending.clear();
    tellDeath(gone);
  };
  // Its last words may arrive after its end. (`close`, which waits for them, never comes after a `disconnect` of ours.)
  child.on('exit', (code, signal) => {
    if (!child.stderr || child.stderr.closed) return ended(signal, code);
    const late = setTimeout(() => child.stderr?.destroy(), LAST_WORDS_MS);
    child.stderr.once('close', () => {
      clearTimeout(late);
      ended(signal, code);
    });
  });
  child.on('error', (error) => {
    lastWords += `\n${error.message}`;
    if (child.pid === undefined) ended(null, null);
  });
  child.on('message', (answer: Answer) => {
    const waiting = pending.get(answer.id);
    if (!waiting) return;
    if (answer.kind === 'progress') return waiting.progress?.(answer.done);
    if (answer.kind === 'piece') {
      waiting.piece?.(answer.piece);
      if (answer.piece.kind === 'text') return;
    }
    pending.delete(answer.id);
    if (answer.kind === 'error') waiting.reject(fromErrorMessage(answer.error));
    else waiting.resolve((answer.kind === 'result' ? answer.value : undefined) as never);
  });

  const send = (ask: Body<Ask>, waiting: Pending | null): number => {
    const id = nextId++;
    if (gone) waiting?.reject(gone);
    else {
      if (waiting) pending.set(id, waiting);
      // A channel that just closed is told by `exit`; the callback keeps the error from being thrown.
      child.send({ id, ...ask } as Ask, () => undefined);
    }
    return id;
  };

  return {
    pid: child.pid ?? 0,
    died,
    ask: (ask, progress) => new Promise((resolve, reject) => send(ask, { resolve, reject, progress })),
    stream: (ask, piece) => {
      const { promise: done, resolve, reject } = Promise.withResolvers<void>();
      return { id: send(ask, { resolve: resolve as (value: never) => void, reject, piece }), done };
    },
    post: (ask) => {
      send(ask, null);
    },
    close: async () => {
      if (gone) return;
      const forced = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      if (child.connected) child.disconnect();
      await died;
      clearTimeout(forced);
    },
  };
}
