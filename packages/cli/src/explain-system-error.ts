import { CogumiError } from '@cogumi/contracts';

/** What a user can do about errors of the operating system, by `code`; `syscall` where one code has several causes. */
const KNOWN: Readonly<Record<string, (where: string) => readonly [code: string, message: string, hint: string]>> = {
  uv_cwd: () => [
    'FOLDER_GONE',
    'The current folder does not exist any more.',
    'Change to a folder that exists (`cd`), and run the command again.',
  ],
  uv_os_homedir: () => [
    'NO_HOME',
    'This user has no home folder: HOME is not set.',
    'Set HOME, or the cache alone: `--cache DIR` or COGUMI_CACHE for bundles, HF_HOME for the Hub.',
  ],
  EACCES: (where) => [
    'NOT_ALLOWED',
    `${where} cannot be read or written: you have no permission (EACCES).`,
    '`ls -ld PATH` shows who has it. Use another path, or change the permission.',
  ],
  EPERM: (where) => [
    'NOT_ALLOWED',
    `${where} cannot be changed: the system does not permit it (EPERM).`,
    'Use another path, or change the permission.',
  ],
  EROFS: (where) => [
    'NOT_ALLOWED',
    `${where} cannot be written: its disk is mounted read-only (EROFS).`,
    'Use another path: a store is set with `--store DIR`.',
  ],
  ENOSPC: (where) => ['DISK_FULL', `The disk is full (at ${where}).`, 'Free some space, and run the command again.'],
  EMFILE: () => [
    'TOO_MANY_FILES',
    'This process may open no further file (EMFILE).',
    'Raise the limit, for example `ulimit -n 4096`, and run the command again.',
  ],
};

/** The error that says what to do; null for an error of another kind. */
export function explainSystemError(error: unknown): CogumiError | null {
  const { code = '', syscall = '', path, dest } = Object(error) as NodeJS.ErrnoException & { dest?: string };
  const explain = KNOWN[syscall] ?? KNOWN[code];
  if (!(error instanceof Error) || !explain) return null;
  return new CogumiError(...explain(dest ?? path ?? 'A file'), { cause: error });
}
