import { CogumiError } from '@cogumi/contracts';
import { runOwned } from '@cogumi/pure/process';

/** The library is 30 MB and loads in half a second; a cold disk may take longer (chosen). */
const PROBE_MS = 30_000;

type Outcome =
  | { readonly version: string }
  | { readonly code: string; readonly message: string; readonly hint: string };

/**
 * Loads llama.cpp in a separate process, so that a library that crashes on this processor does not crash the caller.
 *
 * @returns The version of the library.
 * @throws CogumiError as `loadLibrary`, or LLAMA_CRASHED.
 */
export async function probeLibrary(): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const library = new URL(`./library.${extension}`, import.meta.url).href;
  const script = `
    import(${JSON.stringify(library)}).then(({ loadLibrary }) => ({ version: loadLibrary().version }))
      .catch(({ code = 'LLAMA_CRASHED', message, hint = 'Run npm install again.' }) => ({ code, message, hint }))
      .then((outcome) => { console.log(JSON.stringify(outcome)); process.exit(); });`;
  const flags = extension === 'ts' ? ['--conditions=source'] : [];
  const { code, signal, stdout, stderr } = await runOwned(process.execPath, [...flags, '-e', script], {
    timeoutMs: PROBE_MS,
  });
  if (code !== 0) {
    const last = stderr.trim().split('\n').at(-1) ?? '';
    throw new CogumiError(
      'LLAMA_CRASHED',
      `llama.cpp crashed while it was loaded (${signal ?? `exit code ${code}`}) ${last}`.trim(),
      'Run `npm install` again, or use another machine.',
    );
  }
  const outcome = JSON.parse(stdout) as Outcome;
  if ('version' in outcome) return outcome.version;
  throw new CogumiError(outcome.code, outcome.message, outcome.hint);
}
