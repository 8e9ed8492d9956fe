import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';

interface Owner {
  readonly pid: number;
  readonly started: string;
}

/**
 * Keeps two builds, or a build and a clean, out of one store. A lock whose owner is gone (killed, machine restarted) is
 * taken over.
 *
 * The lock is a link whose target is its text: made in one step, text and all, so that nobody reads half of one, and
 * without a block of its own, so that `cogumi clean` gets it on a full disk.
 *
 * @returns Releases the lock, if it is still this one.
 * @throws CogumiError STORE_BUSY with the owner's process id.
 */
export async function lockStore(root: string): Promise<() => Promise<void>> {
  const path = join(root, 'lock');
  // Below 60 bytes, which ext4 keeps in the inode. The id distinguishes two locks of one process.
  const mine = JSON.stringify({
    pid: process.pid,
    started: await startOf(process.pid),
    id: randomBytes(4).toString('hex'),
  });
  await take(path, mine, root);
  return () => release(path, mine);
}

/** Comes back once `path` is ours. */
async function take(path: string, mine: string, root: string): Promise<void> {
  while (!(await place(path, mine))) {
    const held = await read(path);
    if (held === null) continue; // Released since.
    const owner = ownerOf(held);
    if (owner && (await lives(owner))) {
      throw new CogumiError(
        'STORE_BUSY',
        `Another command (process ${owner.pid}) is working in ${root}.`,
        'Wait for it, stop it, or give another folder with `--store DIR`.',
      );
    }
    // Of all who see that its owner is gone, one at a time may remove this very lock, and only while it is still there:
    // otherwise a slow one would remove the lock of the quick one that came before. The right to do so is a lock as well.
    const claim = `${path}-${createHash('sha256').update(held).digest('hex').slice(0, 16)}`;
    await take(claim, mine, root);
    try {
      if ((await read(path)) === held) await rm(path, { force: true });
    } finally {
      await release(claim, mine);
    }
  }
}

async function release(path: string, mine: string): Promise<void> {
  if ((await read(path)) === mine) await rm(path, { force: true });
}

/** Whether there was no lock, and now there is this one. */
async function place(path: string, text: string): Promise<boolean> {
  try {
    await symlink(text, path).catch(async (cause: NodeJS.ErrnoException) => {
      if (!NO_LINKS.has(cause.code ?? '')) throw cause;
      await writeFile(path, text, { flag: 'wx' });
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** What file systems without links (exFAT) answer; a file does there, though it is empty for a moment. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** Text of a lock, null where there is none. Plain files are locks as well: see `NO_LINKS`. */
async function read(path: string): Promise<string | null> {
  try {
    return await readlink(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EINVAL') return readFile(path, 'utf8');
      throw cause;
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

/** null for what is no lock of ours: nobody can be asked whether it still counts. */
function ownerOf(text: string): Owner | null {
  try {
    const { pid, started } = JSON.parse(text) as Record<string, unknown>;
    return Number.isSafeInteger(pid) && (pid as number) > 0 && typeof started === 'string'
      ? { pid: pid as number, started }
      : null;
  } catch {
    return null;
  }
}

async function lives({ pid, started }: Owner): Promise<boolean> {
  const now = await startOf(pid);
  return now !== null && (now === started || now === RUNNING || started === RUNNING);
}

/** Start of a process on a system that does not report it. */
const RUNNING = 'running';

/** Start of a process in clock ticks since boot: distinguishes a process from a later one with the same id. null: not running. */
async function startOf(pid: number): Promise<string | null> {
  try {
    // Behind the name, which may itself hold spaces: state first, start nineteen fields later; see proc(5).
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ') ?? [];
    // A zombie has ended; only nobody has asked how.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return isRunning(pid) ? RUNNING : null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // It is there, and someone else's.
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
