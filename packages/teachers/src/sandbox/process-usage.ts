import { readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** Processor time used since its start, all threads together. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Linux counts processor time in ticks of 10 ms for every program (USER_HZ, man 5 proc). */
const TICK_MS = 10;

/** What another process has used so far; null where it is gone or the system has no /proc. */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    // The name, second field, may hold spaces and brackets: fields are counted from its last bracket on.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, residentBytes: Number(kibibytes ?? 0) * 1024 };
  } catch {
    return null;
  }
}
