import { readdirSync, readFileSync } from 'node:fs';

/** Resident bytes of a process and all below it; pages that two of them share count twice. Null on systems without /proc. */
export function treeMemoryBytes(root: number): number | null {
  const parents = new Map<number, number>();
  try {
    for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) parents.set(pid, parentOf(pid));
  } catch {
    return null;
  }
  const belongs = (pid: number): boolean => pid === root || (parents.has(pid) && belongs(parents.get(pid) as number));
  return [...parents.keys()].filter(belongs).reduce((sum, pid) => sum + residentBytes(pid), 0);
}

function parentOf(pid: number): number {
  return Number(fieldOf(pid, /^PPid:\s*(\d+)/m));
}

function residentBytes(pid: number): number {
  return Number(fieldOf(pid, /^VmRSS:\s*(\d+) kB/m)) * 1024;
}

/** '0' for a process that has ended meanwhile. */
function fieldOf(pid: number, pattern: RegExp): string {
  try {
    return pattern.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  } catch {
    return '0';
  }
}
