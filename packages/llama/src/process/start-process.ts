import { fromErrorMessage, ModelDiedError } from '../errors.ts';
import type { GeneratePiece } from '../types/answers.ts';
import type { Task } from './explain-death.ts';
import type { Command, Found, Reply } from './messages.ts';
import { takeModelProcess } from './spare-process.ts';
import { watchProcess } from './watch-process.ts';

type Body<T> = T extends unknown ? Omit<T, 'id'> : never;
/** How long a process may take to exit before it is killed (chosen). */
const CLOSE_MS = 3000;
/** How much of the end of stderr is kept: a ggml assertion has one line, a JavaScript error about ten. */
const LAST_BYTES = 4000;
const LAST_LINES = 5;
/** How long to wait for the end of stderr: a program that the process started may keep the pipe open (chosen). */
const STDERR_WAIT_MS = 500;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly piece?: ((piece: GeneratePiece) => void) | undefined;
  readonly progress?: ((done: number) => void) | undefined;
}

export interface ModelProcess {
  readonly pid: number;
  call<T>(command: Body<Command>, onProgress?: (done: number) => void): Promise<T>;
  /** Passes each piece to `onPiece`; `done` resolves after the last one. */
  stream(command: Body<Command>, onPiece: (piece: GeneratePiece) => void): { id: number; done: Promise<void> };
  /** Sends a command that has no reply. */
  post(command: Body<Command>): void;
  readonly died: Promise<ModelDiedError>;
  close(): Promise<void>;
}

/**
 * Starts the process of `model-process.ts`. When it ends, all pending calls are rejected with ModelDiedError.
 *
 * @param onDecided - Receives what was measured while nothing was asked.
 */
export function startProcess(onDecided: (found: Found) => void = () => {}): ModelProcess {
  const child = takeModelProcess();
  const pending = new Map<number, Pending>();
  let stderrEnd = '';
  let nextId = 1;
  let death: ModelDiedError | null = null;
  let task: Task = { doing: 'loading', file: 'no file' };
  child.stderr?.on('data', (chunk: Buffer) => {
    stderrEnd = (stderrEnd + chunk.toString('utf8')).slice(-LAST_BYTES);
  });

  const watch = watchProcess(
    child.pid ?? 0,
    () => pending.size > 0 && task.doing === 'answering with',
    () => {
      task = { ...task, hung: true };
      child.kill('SIGKILL');
    },
  );
  const { promise: died, resolve: resolveDied } = Promise.withResolvers<ModelDiedError>();
  const ended = (signal: string | null, code: number | null) => {
    watch.stop();
    const lines = stderrEnd.split('\n').filter((line) => line.trim() !== '');
    death ??= new ModelDiedError(signal, code, lines.slice(-LAST_LINES), task);
    for (const { reject } of pending.values()) reject(death);
    pending.clear();
    resolveDied(death);
  };
  // The end of stderr may arrive after `exit`. (`close` would wait for it, but is never emitted after `disconnect`.)
  child.on('exit', (code, signal) => {
    if (!child.stderr || child.stderr.closed) return ended(signal, code);
    const late = setTimeout(() => child.stderr?.destroy(), STDERR_WAIT_MS);
    child.stderr.once('close', () => {
      clearTimeout(late);
      ended(signal, code);
    });
  });
  child.on('error', (error) => {
    stderrEnd += `\n${error.message}`;
    if (child.pid === undefined) ended(null, null);
  });
  const take = (reply: Reply) => {
    if (reply.kind === 'decided') return onDecided(reply.value);
    const waiting = pending.get(reply.id);
    if (!waiting) return;
    if (reply.kind === 'progress') return waiting.progress?.(reply.done);
    if (reply.kind === 'piece') {
      waiting.piece?.(reply.piece);
      if (reply.piece.kind === 'text') return;
    }
    pending.delete(reply.id);
    if (reply.kind === 'error') waiting.reject(fromErrorMessage(reply.error));
    else waiting.resolve((reply.kind === 'result' ? reply.value : undefined) as never);
  };
  child.on('message', (replies: readonly Reply[]) => {
    watch.heard();
    replies.forEach(take);
  });

  const send = (command: Body<Command>, waiting: Pending | null): number => {
    const id = nextId++;
    if (!task.hung) task = taskOf(command, task);
    if (death) waiting?.reject(death);
    else {
      if (waiting) pending.set(id, waiting);
      // If the channel has just closed, `exit` reports it. The callback keeps `send` from throwing.
      child.send({ id, ...command } as Command, () => undefined);
    }
    return id;
  };

  return {
    pid: child.pid ?? 0,
    died,
    call: (command, progress) => new Promise((resolve, reject) => send(command, { resolve, reject, progress })),
    stream: (command, piece) => {
      const { promise: done, resolve, reject } = Promise.withResolvers<void>();
      return { id: send(command, { resolve: resolve as (value: never) => void, reject, piece }), done };
    },
    post: (command) => {
      send(command, null);
    },
    close: async () => {
      if (death) return;
      const forced = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      if (child.connected) child.disconnect();
      await died;
      clearTimeout(forced);
    },
  };
}

/** What the process does from this command on. */
function taskOf(command: Body<Command>, { file }: Task): Task {
  if (command.kind === 'open' || command.kind === 'predict')
    return { doing: 'loading', file: command.options.modelPath };
  if (command.kind === 'quantize') return { doing: 'quantizing', file: command.options.input };
  return { doing: 'answering with', file };
}
