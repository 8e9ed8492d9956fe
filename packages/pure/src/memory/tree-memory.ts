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
