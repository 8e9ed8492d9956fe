import { readdirSync, readFileSync } from 'node:fs';
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
export async function stillRunning(pids: readonly number[], withinMs = 60_000): Promise<number[]> {
  const until = performance.now() + withinMs;
  while (pids.some(isRunning) && performance.now() < until) await sleep(20);
  return pids.filter(isRunning);
}

/** Every running process below this one: its children, their children and so on. */
export function descendants(of: number): number[] {
  const running = readdirSync('/proc').map(Number).filter(isRunning);
  const parents = new Map(running.map((pid) => [pid, parentOf(pid)]));
  const below = (parent: number): number[] => {
    const children = running.filter((pid) => parents.get(pid) === parent);
    return [...children, ...children.flatMap(below)];
  };
  return below(of);
}

function parentOf(pid: number): number | null {
  try {
    // Behind the name, which may hold spaces: the state, then the parent (man 5 proc).
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return null;
  }
}
