import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { forkOwned } from '@cogumi/pure/process';

let spare: ChildProcess | null = null;

/** Starts a process for the model that is opened next, before it is known which. Until then it keeps nothing running. */
export function prepareModelProcess(): void {
  if (spare !== null) return;
  spare = fork();
  // `takeModelProcess` looks whether it lives.
  spare.on('error', () => undefined);
  hold(spare, false);
}

/** The process that was prepared, if it lives, otherwise a new one. */
export function takeModelProcess(): ChildProcess {
  const taken = spare;
  spare = null;
  if (!taken?.connected) return fork();
  hold(taken, true);
  return taken;
}

function fork(): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return forkOwned(new URL(`./model-process.${extension}`, import.meta.url), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: extension === 'ts' ? ['--conditions=source'] : [],
    // When ggml aborts, it runs a debugger for a backtrace, and some debuggers wait for ever.
    env: { ...process.env, GGML_NO_BACKTRACE: '1' },
  });
}

/** Whether this process runs as long as the child does. */
function hold(child: ChildProcess, held: boolean): void {
  for (const handle of [child, child.channel, child.stderr as Socket | null]) {
    if (held) handle?.ref();
    else handle?.unref();
  }
}
