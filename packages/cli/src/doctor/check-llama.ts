import { CogumiError } from '@cogumi/contracts';
import { probeLibrary } from '@cogumi/runtime';
import { type Check, check } from './check.ts';

/** Whether llama.cpp loads here, in a process of its own, as serving would. */
export async function checkLlama(): Promise<Check> {
  try {
    return check('llama.cpp', 'ok', await probeLibrary());
  } catch (error) {
    const known = error instanceof CogumiError ? error : null;
    return check(
      'llama.cpp',
      'fail',
      known?.message ?? String(error),
      known?.hint ?? 'Install again with `npm install`.',
    );
  }
}
