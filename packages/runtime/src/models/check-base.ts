import { CogumiError, EXIT } from '@cogumi/contracts';
import { readGgufHeader } from '@cogumi/llama';
import { modelDigest } from './model-digest.ts';

/** What an adapter's file calls the GGUF file of its base (`export-adapter` writes it). */
const KEY = 'cogumi.base.digest';

/**
 * Compares the base that each adapter's file names with the model. Shapes alone do not tell: other weights may have the same.
 *
 * @param cache - The model's digest is kept there, for the file as it is.
 * @returns Names of the adapters whose base is unknown.
 * @throws CogumiError ADAPTER_BASE; GGUF_INVALID; the signal's reason.
 */
export async function checkBase(
  modelPath: string,
  adapters: Readonly<Record<string, string>>,
  cache: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const unknown: string[] = [];
  for (const [name, path] of Object.entries(adapters)) {
    const wanted = (await readGgufHeader(path)).metadata.get(KEY);
    if (typeof wanted !== 'string') {
      unknown.push(name);
      continue;
    }
    const found = await modelDigest(modelPath, cache, signal);
    if (wanted === found) continue;
    throw new CogumiError(
      'ADAPTER_BASE',
      `Adapter "${name}" (${path}) was trained on the base ${wanted}; ${modelPath} is ${found}.`,
      'Serve it with the model file that it was trained on.',
      { exitCode: EXIT.usage },
    );
  }
  return unknown;
}
