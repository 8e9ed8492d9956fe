import { readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** CPU time of all threads since the start of the process. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Linux reports CPU time in ticks of 10 ms (USER_HZ, man 5 proc). */
const TICK_MS = 10;

/** CPU time and memory of another process; null when it has ended or the system has no /proc. */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    // The second field, the name, may contain spaces and brackets: fields are counted from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, residentBytes: Number(kibibytes ?? 0) * 1024 };
  } catch {
    return null;
  }
}
