import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';

/** Memory that a new program can use, and what bounds it. */
export interface FreeMemory {
  readonly bytes: number;
  /** `machine`: what the system has left; `cgroup`: what the limit of this container or service leaves. */
  readonly bound: 'machine' | 'cgroup';
}

/**
 * The smaller one of what the system has available and what every control group above this process leaves. Files that the kernel has
 * cached count as free: it drops them when memory is needed.
 *
 * @param root - Folder that holds `proc` and `sys`; another one only in tests.
 */
export async function freeMemory(root = '/'): Promise<FreeMemory> {
  const machine = await availableBytes(root);
  const left = Math.min(...(await cgroupsLeft(root)));
  return left < machine ? { bytes: Math.max(0, left), bound: 'cgroup' } : { bytes: machine, bound: 'machine' };
}

async function availableBytes(root: string): Promise<number> {
  const [, kilobytes] = /^MemAvailable:\s*(\d+) kB/m.exec(await textOf(join(root, 'proc/meminfo'))) ?? [];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

/** What each group with a limit leaves: of cgroup v2 and of v1's memory controller. */
async function cgroupsLeft(root: string): Promise<number[]> {
  const lines = (await textOf(join(root, 'proc/self/cgroup'))).split('\n');
  const left: number[] = [];
  for (const line of lines) {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const files = controllers === '' ? V2 : controllers.split(',').includes('memory') ? V1 : null;
    // In a container the path is often that of the host, and the container's own group is mounted at the top.
    if (files) for (const group of above(path)) left.push(await groupLeft(join(root, files.mount, group), files));
  }
  return left;
}

interface Files {
  readonly mount: string;
  readonly limit: string;
  readonly usage: string;
  /** Counters of cached files in `memory.stat`. */
  readonly cached: RegExp;
}

const V2: Files = {
  mount: 'sys/fs/cgroup',
  limit: 'memory.max',
  usage: 'memory.current',
  cached: /^(?:in)?active_file (\d+)/gm,
};
const V1: Files = {
  mount: 'sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cached: /^total_(?:in)?active_file (\d+)/gm,
};

async function groupLeft(folder: string, { limit, usage, cached }: Files): Promise<number> {
  // "max" where there is no limit.
  const most = Number.parseInt(await textOf(join(folder, limit)), 10);
  if (Number.isNaN(most)) return Infinity;
  const used = Number.parseInt(await textOf(join(folder, usage)), 10) || 0;
  const counters = [...(await textOf(join(folder, 'memory.stat'))).matchAll(cached)];
  return most - used + counters.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

function* above(path: string): Generator<string> {
  for (let group = path; ; group = dirname(group)) {
    yield group;
    if (group === dirname(group)) return;
  }
}

/** '' where there is no such file. */
function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
