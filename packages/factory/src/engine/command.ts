import { join } from 'node:path';
import { findPython, llamaSourcePath, ROOT } from './find-python.ts';

/** Environment variables that a worker needs, and also a job that is run by hand. */
function engineEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return { PYTHONPATH: join(ROOT, 'engine'), COGUMI_LLAMA_SOURCE: llamaSourcePath(environment) };
}

/** Those, and what keeps a worker off the network and its memory small. */
export function workerEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...engineEnvironment(environment),
    // No request goes to the hub: every input of a job is a local path.
    HF_HUB_OFFLINE: '1',
    TOKENIZERS_PARALLELISM: 'false',
    // Freed large tensors go back to the system: batches of changing shapes would fragment the heap
    // (measured: 3 GB instead of 9 GB after 600 steps; docs/log.md).
    MALLOC_MMAP_THRESHOLD_: String(2 ** 22),
  };
}

/** The shell command that runs one job file by hand. */
export function rerunCommand(jobPath: string): string {
  return engineCommand(engineEnvironment(process.env), jobPath);
}

/**
 * The shell command of a job, or of nothing but its versions, with events on stdout.
 *
 * @param processes - Processes that share the job.
 */
export function engineCommand(
  environment: Readonly<Record<string, string>>,
  job: string | null,
  { versions = false, processes = 1 }: { versions?: boolean; processes?: number } = {},
): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${quote(value)}`);
  return [
    ...variables,
    quote(findPython(process.env)),
    ...engineArguments(job, { versions, processes }).map(quote),
  ].join(' ');
}

/** The arguments of that Python. */
export function engineArguments(
  job: string | null,
  { versions = false, processes = 1 }: { versions?: boolean; processes?: number },
): string[] {
  const program = job !== null && processes > 1 ? ['cogumi_engine.ranks', String(processes)] : ['cogumi_engine'];
  return [...['-m', ...program], ...(versions ? ['--versions'] : []), ...(job === null ? [] : ['run', job])];
}

export const quote = (word: string) => (/^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
