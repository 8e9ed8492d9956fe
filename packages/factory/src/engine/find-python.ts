import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** Root of the checkout, with `.venv`, `engine/` and `.cache/`. */
export const ROOT = join(import.meta.dirname, '../../../..');

/** Path of the Python with the engine's libraries: COGUMI_PYTHON, else the project's virtual environment. */
export function pythonPath(environment: NodeJS.ProcessEnv): string {
  return environment.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
}

/** As `pythonPath`. @throws CogumiError PYTHON_MISSING when there is no such file. */
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

/** Folder of llama.cpp's converters: COGUMI_LLAMA_SOURCE, else the folder that scripts/setup.mjs makes. */
export function llamaSourcePath(environment: NodeJS.ProcessEnv): string {
  return environment.COGUMI_LLAMA_SOURCE ?? join(ROOT, '.cache/llama.cpp');
}
