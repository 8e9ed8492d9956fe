import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, startBuild } from './build-tiny.ts';

/** A disk of its own that is really full: tmpfs, which takes root to mount (CI has it). */
const MINUTES = 60_000;
/**
 * Megabytes of a disk that is full while the base is copied, in the converter (Python), while llama.cpp quantizes, and near the
 * end. COGUMI_DISKS=all tries each; otherwise the first and the last.
 */
const SIZES = process.env.COGUMI_DISKS === 'all' ? [4, 12, 24, 36] : [4, 36];
const disk = mkdtempSync(join(tmpdir(), 'cogumi-disk-'));
const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });

describe('a build whose disk fills up', () => {
  let mounted = false;
  beforeAll(() => {
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
  });
  afterAll(() => {
    if (mounted) execFileSync('umount', ['-l', disk], { stdio: 'pipe' });
    rmSync(disk, { recursive: true, force: true });
  });

  it('says so at every size that is too small, spoils nothing, and ends once there is room', {
    timeout: 10 * MINUTES,
  }, async ({ skip }) => {
    skip(!mounted, 'a disk cannot be mounted: that takes root');
    const store = join(disk, 'store');
    for (const megabytes of SIZES) {
      mount('-o', `remount,size=${megabytes}m`, disk);
      const full = await startBuild(store).finished;
      expect({ megabytes, ...full, events: [] }).toEqual({
        megabytes,
        code: 1,
        error: { code: 'DISK_FULL', message: expect.any(String), hint: expect.stringContaining('Free some space') },
        stderr: '',
        events: [],
      });
      expect(digestOf(full)).toBe(null);
    }
    mount('-o', 'remount,size=1g', disk);
    const finished = await startBuild(store).finished;
    expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: '' });
    const elsewhere = await startBuild(join(disk, 'other')).finished;
    expect(digestOf(finished)).toBe(digestOf(elsewhere));
  });
});
