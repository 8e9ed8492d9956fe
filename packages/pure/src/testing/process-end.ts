import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process runs. False also for a zombie (`Z`): it has ended, and its parent has not asked how. */
export function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Waits until no process of the list runs. @returns Those that still do after `withinMs`. */
export async function stillRunning(pids: readonly number[], withinMs = 2000): Promise<number[]> {
  const until = performance.now() + withinMs;
  while (pids.some(isRunning) && performance.now() < until) await sleep(20);
  return pids.filter(isRunning);
}
