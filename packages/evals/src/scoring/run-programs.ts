import { hashJson } from '@cogumi/pure';
import { createSandbox } from '@cogumi/teachers/sandbox';
import type { AnswerCache } from '../cache/answer-cache.ts';

/**
 * Limits of one program (chosen): the harnesses give it 3 s of native Python, of which that of the sandbox needs three to four times as
 * much (measured).
 */
const LIMITS = { cpuMs: 15_000, wallMs: 120_000, residentMiB: 1024, pythonMiB: 512 };
/** Raise it when the sandbox may judge programs in another way. */
const VERSION = 2;
/** Programs between two looks at the signal; their verdicts are kept together (chosen). */
const TOGETHER = 16;

export interface RunProgramsOptions {
  readonly cache: AnswerCache;
  readonly signal: AbortSignal;
  /** @param done - Programs with a verdict. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Runs programs in the sandbox, each equal one once. Verdicts are kept as answers are.
 *
 * @returns Whether each ended without an error.
 * @throws CogumiError SANDBOX; the signal's reason.
 */
export async function runPrograms(
  programs: readonly string[],
  { cache, signal, onProgress = () => {} }: RunProgramsOptions,
): Promise<boolean[]> {
  const keys = programs.map((program) => hashJson({ version: VERSION, limits: LIMITS, program }));
  const verdicts = new Map<string, string>();
  const open = new Map<string, string>();
  for (const [at, key] of keys.entries()) {
    const known = cache.find(key);
    if (typeof known === 'string') verdicts.set(key, known);
    else open.set(key, programs[at] as string);
  }
  const sandbox = createSandbox(LIMITS);
  try {
    for (const left = [...open]; left.length > 0; ) {
      signal.throwIfAborted();
      const part = left.splice(0, TOGETHER);
      const results = await sandbox.runScripts(part.map(([, program]) => program));
      const fresh = new Map(part.map(([key], at) => [key, results[at]?.passed ? PASSED : (results[at]?.reason ?? '')]));
      cache.keep(fresh);
      for (const [key, verdict] of fresh) verdicts.set(key, verdict);
      onProgress(verdicts.size);
    }
  } finally {
    await sandbox.close();
  }
  return keys.map((key) => verdicts.get(key) === PASSED);
}

const PASSED = 'passed';
