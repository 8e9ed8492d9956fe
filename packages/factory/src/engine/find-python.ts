import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** The checkout's root: where `.venv`, `engine/` and `.cache/` lie. */
export const ROOT = join(import.meta.dirname, '../../../..');

/** Where the Python that has the engine's libraries should be: COGUMI_PYTHON, else in the project's own venv. */
export function pythonPath(environment: NodeJS.ProcessEnv): string {
  return environment.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
}

/** @throws CogumiError PYTHON_MISSING when nothing is there. */
export function findPython(environment: NodeJS.ProcessEnv): string {
  const path = pythonPath(environment);
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

/** Where llama.cpp's converters should be: COGUMI_LLAMA_SOURCE, else where scripts/setup.mjs lays them down. */
export function llamaSourcePath(environment: NodeJS.ProcessEnv): string {
  return environment.COGUMI_LLAMA_SOURCE ?? join(ROOT, '.cache/llama.cpp');
}
