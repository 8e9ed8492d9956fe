import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** The checkout's root: where `.venv`, `engine/` and `.cache/` lie. */
export const ROOT = join(import.meta.dirname, '../../../..');

/** The Python that has the engine's libraries: COGUMI_PYTHON, else the project's own venv. */
export function findPython(environment: NodeJS.ProcessEnv): string {
  const path = environment.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
  if (existsSync(path)) return path;
  throw new CogumiError(
    'PYTHON_MISSING',
    `There is no Python at ${path}.`,
    'Run `npm run setup`, or set COGUMI_PYTHON.',
    {
      exitCode: EXIT.usage,
    },
  );
}

/** Folder with llama.cpp's converters, as scripts/setup.mjs lays it down. */
export function findLlamaSource(environment: NodeJS.ProcessEnv): string {
  return environment.COGUMI_LLAMA_SOURCE ?? join(ROOT, '.cache/llama.cpp');
}
