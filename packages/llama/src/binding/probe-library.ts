import { execFile } from 'node:child_process';
import { CogumiError } from '@cogumi/contracts';

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
  const outcome = await new Promise<Outcome>((resolve) => {
    execFile(process.execPath, [...flags, '-e', script], { timeout: PROBE_MS }, (error, stdout, stderr) => {
      if (!error) return resolve(JSON.parse(stdout) as Outcome);
      const last = stderr.trim().split('\n').at(-1) ?? '';
      const how = error.signal ?? `exit code ${error.code}`;
      resolve({
        code: 'LLAMA_CRASHED',
        message: `llama.cpp crashed while it was loaded (${how}) ${last}`.trim(),
        hint: 'Run `npm install` again, or use another machine.',
      });
    });
  });
  if ('version' in outcome) return outcome.version;
  throw new CogumiError(outcome.code, outcome.message, outcome.hint);
}
