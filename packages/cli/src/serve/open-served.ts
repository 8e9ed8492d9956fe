import { open, stat } from 'node:fs/promises';
import { openModelFile, openRuntime, type Runtime, type RuntimeOptions } from '@cogumi/runtime';
import { findBundle } from '../find-bundle.ts';
import { UsageError } from '../parse-call.ts';

/** Opens what `serve` names: a bundle, or a model in GGUF, which may have adapters. @throws UsageError; as `openRuntime`, `openModelFile`. */
export async function openServed(
  named: string | undefined,
  adapters: Readonly<Record<string, string>>,
  options: RuntimeOptions,
): Promise<Runtime> {
  const path = await findBundle(named);
  if (await isGguf(path)) return openModelFile(path, adapters, options);
  if (Object.keys(adapters).length === 0) return openRuntime(path, options);
  throw new UsageError(
    `--adapter is for a model in GGUF; ${path} is a bundle, which has its own.`,
    'For example: cogumi serve model.gguf --adapter code=code.gguf',
  );
}

/** Adapters as `--adapter` names them. @throws UsageError */
export function namedAdapters(given: readonly string[]): Record<string, string> {
  // A Map, because an object would take the name __proto__ for something else.
  const adapters = new Map<string, string>();
  for (const text of given) {
    const at = text.indexOf('=');
    const [name, path] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 1 || path === '') {
      throw new UsageError(
        `--adapter is ${JSON.stringify(text)}; it needs a name and a path.`,
        'For example: --adapter code=code.gguf',
      );
    }
    if (adapters.has(name)) throw new UsageError(`Two adapters have the name "${name}".`, 'Give each its own.');
    adapters.set(name, path);
  }
  return Object.fromEntries(adapters);
}

/** Whether a file begins as GGUF does. */
export async function isGguf(path: string): Promise<boolean> {
  // A named pipe would wait for its writer.
  if (!(await stat(path).catch(() => null))?.isFile()) return false;
  const file = await open(path).catch(() => null);
  try {
    const head = await file?.read(Buffer.alloc(4), 0, 4, 0);
    return head?.buffer.toString('latin1') === 'GGUF';
  } finally {
    await file?.close();
  }
}
