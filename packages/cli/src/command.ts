import { join } from 'node:path';

/** Program and arguments that start this command again. The stage `validate` serves a bundle with it, as a user would. */
export const COMMAND: readonly string[] = [
  process.execPath,
  '--conditions=source',
  join(import.meta.dirname, 'main.ts'),
];
