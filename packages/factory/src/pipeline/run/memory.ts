import { readdirSync, readFileSync } from 'node:fs';

/** Resident bytes of a process and all its descendants together; null on systems without /proc. */
export function treeMemoryBytes(root: number): number | null {
  let pids: number[];
  try {
    pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return null;
  }
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const pid of pids) {
    try {
      // Field 4 is the parent, counted behind the name, which may itself hold spaces and parentheses; see proc(5).
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      parents.set(pid, Number(fields[1]));
      resident.set(pid, Number(fields[21]) * 4096);
    } catch {
      // It ended while we looked.
    }
  }
  const belongs = (pid: number): boolean =>
    pid === root || (parents.has(pid) && pid > 1 && belongs(parents.get(pid) as number));
  return [...resident].reduce((sum, [pid, bytes]) => sum + (belongs(pid) ? bytes : 0), 0);
}

/** How often the memory of a build is looked at: a peak shorter than this is missed (chosen). */
const WATCH_EVERY_MS = 500;

/** Memory of a process and all below it, watched until it is closed. */
export interface MemoryWatch {
  /** Bytes now; null where the system does not say. */
  now(): number | null;
  /** Most bytes seen. */
  peak(): number | null;
  close(): void;
}

export function watchMemory(pid: number): MemoryWatch {
  let peak: number | null = null;
  const now = () => {
    const bytes = treeMemoryBytes(pid);
    if (bytes !== null) peak = Math.max(peak ?? 0, bytes);
    return bytes;
  };
  const timer = setInterval(now, WATCH_EVERY_MS);
  return {
    now,
    peak: () => {
      now();
      return peak;
    },
    close: () => clearInterval(timer),
  };
}
