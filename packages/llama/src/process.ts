import { type ChildProcess, fork } from 'node:child_process';
import { CogumiError } from '@cogumi/contracts';
import type { Answer, Ask } from './messages.ts';
import type { GeneratePiece } from './types.ts';

type Body<T> = T extends unknown ? Omit<T, 'id'> : never;
/** How long a process may take to end by itself. */
const CLOSE_MS = 3000;
const LAST_BYTES = 2000;

/** The model's process died: a bad file, a bug in llama.cpp, or somebody killed it. */
export class ModelDiedError extends CogumiError {
  constructor(how: string, last: string) {
    super(
      'MODEL_DIED',
      `The model's process ended (${how})${last === '' ? '' : `: ${last}`}.`,
      'Verify the bundle; the request can be sent again.',
    );
  }
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly piece?: (piece: GeneratePiece) => void;
}

export interface ModelProcess {
  readonly pid: number;
  ask<T>(ask: Body<Ask>): Promise<T>;
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
    execArgv: process.execArgv.includes('--conditions=source') || extension === 'ts' ? ['--conditions=source'] : [],
  });
  const pending = new Map<number, Pending>();
  let lastWords = '';
  let nextId = 1;
  let gone: ModelDiedError | null = null;
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-LAST_BYTES);
  });

  const { promise: died, resolve: tellDeath } = Promise.withResolvers<ModelDiedError>();
  const ended = (how: string) => {
    gone ??= new ModelDiedError(how, lastWords.trim().split('\n').at(-1) ?? '');
    for (const { reject } of pending.values()) reject(gone);
    pending.clear();
    tellDeath(gone);
  };
  child.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
  child.on('error', (error) => ended(error.message));
  child.on('message', (answer: Answer) => {
    const waiting = pending.get(answer.id);
    if (!waiting) return;
    if (answer.kind === 'piece') {
      waiting.piece?.(answer.piece);
      if (answer.piece.kind === 'text') return;
    }
    pending.delete(answer.id);
    if (answer.kind === 'error') waiting.reject(new CogumiError(answer.code, answer.message, answer.hint));
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
    ask: (ask) => new Promise((resolve, reject) => send(ask, { resolve, reject })),
    stream: (ask, onPiece) => {
      const { promise: done, resolve, reject } = Promise.withResolvers<void>();
      return { id: send(ask, { resolve: resolve as (value: never) => void, reject, piece: onPiece }), done };
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
