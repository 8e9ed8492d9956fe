import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';

/**
 * Keeps two builds out of one store. A lock whose owner is gone (killed, machine restarted) is taken over.
 *
 * @returns Releases the lock.
 * @throws CogumiError STORE_BUSY with the owner's process id.
 */
export async function lockStore(root: string): Promise<() => Promise<void>> {
  const path = join(root, 'lock');
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(mine);
      await handle.close();
      return () => rm(path, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      const owner = await readOwner(path);
      if (owner && owner.started !== null && owner.started === (await startOf(owner.pid))) {
        throw new CogumiError(
          'STORE_BUSY',
          `Another build (process ${owner.pid}) is working in ${root}.`,
          'Wait for it, stop it, or give another folder with `--store DIR`.',
          { cause },
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new CogumiError('STORE_BUSY', `Another build took ${root} at the same moment.`, 'Try again.');
}

async function readOwner(path: string): Promise<{ pid: number; started: string | null } | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { pid: number; started: string | null };
  } catch {
    return null;
  }
}

/** Start of a process in clock ticks since boot: tells a process from a later one with the same id. null: not running. */
async function startOf(pid: number): Promise<string | null> {
  try {
    // Behind the name, which may itself hold spaces: state first, start nineteen fields later; see proc(5).
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ') ?? [];
    // A zombie has ended; only nobody has asked how.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return isRunning(pid) ? 'running' : null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
