import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BuildEvent } from '@cogumi/contracts';

export const ROOT = join(import.meta.dirname, '..');
export const COGUMI = join(ROOT, 'packages/cli/bin/cogumi.mjs');

export interface Finished {
  readonly code: number | null;
  readonly events: readonly BuildEvent[];
  /** What `--json` prints last when the build fails. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the `cogumi` command as a user would, in a process group of its own. `onEvent` hears of each event as it is printed. */
export function startCogumi(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  onEvent?: (event: BuildEvent) => void,
) {
  const child = spawn(process.execPath, [COGUMI, ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let stdout = '';
  let stderr = '';
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
    if (!onEvent) return;
    const whole = stdout.lastIndexOf('\n') + 1;
    for (const event of parseEvents(stdout.slice(read, whole))) onEvent(event);
    read = whole;
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) =>
      resolve({ code, events: parseEvents(stdout), error: parseError(stdout), stdout, stderr }),
    );
  });
  return {
    finished,
    /** What Ctrl-C (SIGINT) or a supervisor (SIGTERM) does. */
    interrupt: (signal: 'SIGINT' | 'SIGTERM') => child.kill(signal),
    /** kill -9 of everything that it has started. */
    kill: () => {
      if (child.pid !== undefined && existsSync(`/proc/${child.pid}`)) process.kill(-child.pid, 'SIGKILL');
    },
  };
}

function parseEvents(stdout: string): BuildEvent[] {
  return stdout.split('\n').flatMap((line) => {
    try {
      return [BuildEvent.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

function parseError(stdout: string): Finished['error'] {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('{"error":') ? JSON.parse(last).error : null;
}
