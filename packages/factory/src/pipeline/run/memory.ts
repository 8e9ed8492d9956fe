import { treeMemoryBytes } from '@cogumi/pure';

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
