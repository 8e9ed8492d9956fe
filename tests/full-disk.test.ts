import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, startBuild } from './build-tiny.ts';

const MINUTES = 60_000;
/** A disk of its own that is really full: tmpfs, which takes root to mount (CI has it). */
const disk = mkdtempSync(join(tmpdir(), 'cogumi-disk-'));
/** Nodes at whose start the disk fills up: the writer is Python's converter, llama.cpp, or the training loop. */
const NODES =
  process.env.COGUMI_DISKS === 'all' ? ['export.base', 'train', 'quantize', 'code.train'] : ['export.base', 'quantize'];

const resize = (kilobytes: number) =>
  spawnSync('mount', ['-o', `remount,size=${kilobytes}k`, disk], { stdio: 'pipe' }).status === 0;

/** Leaves next to nothing; again, where something was written in between. */
function fill(): void {
  for (;;) {
    const { blocks, bfree, bsize } = statfsSync(disk);
    if (resize(Math.ceil(((blocks - bfree) * bsize) / 1024) + 128)) return;
  }
}

describe('a build whose disk is full', () => {
  let mounted = false;
  beforeAll(() => {
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status === 0;
  });
  afterAll(() => {
    if (mounted) execFileSync('umount', ['-l', disk], { stdio: 'pipe' });
    rmSync(disk, { recursive: true, force: true });
  });

  it('is refused by its plan, fails with a hint when the disk fills up later, and ends with the same digest', {
    timeout: 20 * MINUTES,
  }, async ({ skip }) => {
    skip(!mounted, 'a disk cannot be mounted: that takes root');
    const store = join(disk, 'store');
    expect((await startBuild(store).finished).error).toMatchObject({ code: 'MACHINE_TOO_SMALL' });

    for (const node of NODES) {
      resize(2 ** 20);
      const full = await startBuild(store, [], (event) => {
        if (event.event === 'stage-start' && event.stage === node) fill();
      }).finished;
      expect({ node, code: full.code, error: full.error, stderr: full.stderr }).toEqual({
        node,
        code: 1,
        error: { code: 'DISK_FULL', message: expect.any(String), hint: expect.stringContaining('Free some space') },
        stderr: '',
      });
      expect(digestOf(full)).toBe(null);
    }

    resize(2 ** 20);
    const finished = await startBuild(store).finished;
    expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: '' });
    const elsewhere = await startBuild(join(disk, 'other')).finished;
    expect(digestOf(finished)).toBe(digestOf(elsewhere));
  });
});
