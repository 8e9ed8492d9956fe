import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { spawnOwned } from './owned-child.mjs';

/** A program that serves until it is told to end. */
export interface ServerProcess {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  /** How it ended, as the end of a sentence that begins with its name; `cause`: it could not be started. */
  readonly ended: Promise<{ readonly how: string; readonly cause?: Error }>;
  /** Asks it to end, and kills it if it takes too long. */
  close(): Promise<void>;
}

/**
 * Starts a server in a process of its own.
 *
 * @param log - File that gets its stderr.
 * @param closeMs - How long it may take to end once it is asked to.
 */
export function startServerProcess(
  program: string,
  args: readonly string[],
  { log, env, closeMs }: { readonly log: string; readonly env: NodeJS.ProcessEnv; readonly closeMs: number },
): ServerProcess {
  const logFile = openSync(log, 'a');
  const child = (() => {
    try {
      return spawnOwned(program, args, { stdio: ['ignore', 'pipe', logFile], env });
    } finally {
      closeSync(logFile);
    }
  })();
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<{ how: string; cause?: Error }>();
  child.on('exit', (code, by) => tellEnd({ how: `ended with ${by ?? `exit code ${code}`}` }));
  child.on('error', (cause) => {
    // Without a process there will be no `exit`.
    if (child.pid === undefined) tellEnd({ how: `could not be started: ${cause.message}`, cause });
  });
  return {
    pid: child.pid,
    stdout: child.stdout as Readable,
    ended,
    async close() {
      const forced = setTimeout(() => child.kill('SIGKILL'), closeMs);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(forced);
    },
  };
}
