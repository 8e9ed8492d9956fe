import { CogumiError, EXIT } from '@cogumi/contracts';
import { recordsPath, recordsUnreadable } from '@cogumi/teachers/records';

/**
 * Turns an error of the system into one that says what to do. Errors of Cogumi pass through unchanged.
 *
 * @param aborted - After an abort, errors of subprocesses are a consequence of the shutdown: they become INTERRUPTED.
 */
export function explainFailure(cause: unknown, store: string, aborted = false): unknown {
  if (aborted) return interrupted(cause);
  if (cause instanceof CogumiError) return cause;
  if (!(cause instanceof Error)) return cause;
  const { code, path: source, dest, name } = cause as NodeJS.ErrnoException & { dest?: string };
  // A copy names both ends. The target is the one that lacks space or permission.
  const path = dest ?? source;
  if (name === 'AbortError') return interrupted(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, store, cause);
  if (code === 'ERR_SQLITE_ERROR') return explainSqlite(cause, store);
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return notAllowed(path ?? store, code, cause);
  return cause;
}

function notAllowed(path: string, code: string, cause: unknown): CogumiError {
  const [what, hint] =
    code === 'EROFS'
      ? [
          'cannot be written: its disk is mounted read-only',
          '`plan`, `runs`, `clean` without --yes and `data explain` work there.',
        ]
      : ['cannot be read or written: you have no permission', `\`ls -ld ${path}\` shows who has it.`];
  return new CogumiError(
    'NOT_ALLOWED',
    `${path} ${what} (${code}).`,
    `Give a folder of your own with \`--store DIR\`. ${hint}`,
    {
      cause,
    },
  );
}

function diskFull(path: string | undefined, store: string, cause: unknown): CogumiError {
  return new CogumiError(
    'DISK_FULL',
    `The disk is full${path ? ` (while writing ${path})` : ''}; nothing half-written is kept as a result.`,
    `Free some space (\`cogumi clean --store ${store}\` shows what it would free) and run the same command again.`,
    { cause },
  );
}

/** SQLite's result codes that have a reason outside of it. */
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;

function explainSqlite(cause: Error, store: string): CogumiError {
  const { errcode = 0 } = cause as Error & { errcode?: number };
  const path = recordsPath(store);
  // The low byte is the kind, the others say more.
  const kind = errcode & 0xff;
  if (kind === SQLITE_FULL) return diskFull(path, store, cause);
  if (kind === SQLITE_BUSY) {
    return new CogumiError(
      'RECORDS_BUSY',
      `${path} is in use by another program.`,
      'End it and run the same command again.',
      {
        cause,
      },
    );
  }
  return recordsUnreadable(path, cause);
}

function interrupted(cause: unknown): CogumiError {
  return new CogumiError(
    'INTERRUPTED',
    'The build was interrupted.',
    'Run the same command again: it goes on where it stopped.',
    { cause, exitCode: EXIT.interrupted },
  );
}
