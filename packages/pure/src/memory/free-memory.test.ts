import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freeMemory } from './free-memory.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

function system(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'memory-'));
  roots.push(root);
  for (const [path, text] of Object.entries({ 'proc/meminfo': 'MemFree: 1 kB\nMemAvailable:   1000 kB\n', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('freeMemory', () => {
  it('is what the system has available where no group has a limit', async () => {
    const root = system({ 'proc/self/cgroup': '0::/user\n', 'sys/fs/cgroup/user/memory.max': 'max\n' });
    expect(await freeMemory(root)).toEqual({ bytes: 1_024_000, bound: 'machine' });
    expect(await freeMemory(system({}))).toEqual({ bytes: 1_024_000, bound: 'machine' });
  });

  it('is what the tightest group above leaves, with the files that it has cached', async () => {
    const root = system({
      'proc/self/cgroup': '0::/service/part\n',
      'sys/fs/cgroup/service/part/memory.max': 'max\n',
      'sys/fs/cgroup/service/memory.max': '500000\n',
      'sys/fs/cgroup/service/memory.current': '450000\n',
      'sys/fs/cgroup/service/memory.stat': 'anon 1\ninactive_file 30000\nactive_file 10000\n',
    });
    expect(await freeMemory(root)).toEqual({ bytes: 90_000, bound: 'cgroup' });
  });

  it('reads the group of a container, whose own path is not mounted, and version 1', async () => {
    const container = system({
      'proc/self/cgroup': '0::/host/path/of/container\n',
      'sys/fs/cgroup/memory.max': '2000\n',
      'sys/fs/cgroup/memory.current': '2500\n',
    });
    expect(await freeMemory(container)).toEqual({ bytes: 0, bound: 'cgroup' });
    const old = system({
      'proc/self/cgroup': '5:cpu,memory:/job\n1:name=systemd:/\n',
      'sys/fs/cgroup/memory/job/memory.limit_in_bytes': '9000\n',
      'sys/fs/cgroup/memory/job/memory.usage_in_bytes': '4000\n',
      'sys/fs/cgroup/memory/job/memory.stat': 'total_inactive_file 500\n',
    });
    expect(await freeMemory(old)).toEqual({ bytes: 5500, bound: 'cgroup' });
  });

  it('is less than this machine has', async () => {
    const { bytes } = await freeMemory();
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(totalmem());
    expect(bytes).toBeGreaterThan(freemem() / 10);
  });
});
