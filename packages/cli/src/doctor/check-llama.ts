import { CogumiError } from '@cogumi/contracts';
import { probeLibrary } from '@cogumi/runtime';
import { type Check, check } from './check.ts';

/** Checks that llama.cpp loads in a separate process, as serving does it. */
export async function checkLlama(): Promise<Check> {
  try {
    return check('llama.cpp', 'ok', await probeLibrary());
  } catch (error) {
    const known = error instanceof CogumiError ? error : null;
    return check('llama.cpp', 'fail', known?.message ?? String(error), known?.hint ?? 'Run `npm install` again.');
  }
}
