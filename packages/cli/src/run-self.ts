import { join } from 'node:path';

/** How this command is run again: bundles are proven by serving them as a user would. */
export const COMMAND: readonly string[] = [
  process.execPath,
  '--conditions=source',
  join(import.meta.dirname, 'main.ts'),
];
