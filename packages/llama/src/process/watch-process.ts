import { readFileSync } from 'node:fs';

/**
 * Seconds without a word and without work after which a process counts as hung (chosen). A pass over a long prompt may be silent for
 * minutes, but it takes processor time; reading weights from a slow disk takes some, too.
 */
export const HUNG_SECONDS = 10;
const CHECK_MS = 1000;

export interface Watch {
  /** The process has said something. */
  heard(): void;
  stop(): void;
}

/**
 * Finds a process that hangs: one from which something is awaited, while it neither speaks nor takes processor time. Seconds are
 * counted by checks, so that a machine that sleeps, or a stop of both processes, does not count.
 *
 * A process that computes for ever is not found: from outside it looks like a long pass. Nor is any on a system without /proc.
 */
export function watchProcess(pid: number, isAwaited: () => boolean, onHung: () => void): Watch {
  let silent = 0;
  let before: string | null = null;
  const timer = setInterval(() => {
    if (!isAwaited()) {
      silent = 0;
      return;
    }
    const now = processorTicks(pid);
    silent = now === null || now !== before ? 0 : silent + 1;
    before = now;
    if (silent < HUNG_SECONDS) return;
    clearInterval(timer);
    onHung();
  }, CHECK_MS);
  timer.unref();
  return {
    heard: () => {
      silent = 0;
    },
    stop: () => clearInterval(timer),
  };
}

/** Time that all threads of a process have taken, in the kernel and outside; null where the system does not say. */
function processorTicks(pid: number): string | null {
  try {
    // Behind the name, which may hold spaces: fields 3 and following (man 5 proc), of which 14 and 15 are the times.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return `${fields[11]} ${fields[12]}`;
  } catch {
    return null;
  }
}
