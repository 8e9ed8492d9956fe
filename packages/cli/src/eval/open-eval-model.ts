import { basename } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { type EvalModel, type HostModelOptions, hostModel } from '@cogumi/evals';
import { openModel } from '@cogumi/llama';
import { cacheFolder, modelDigest, readBundle, unpackBundle } from '@cogumi/runtime';
import { findBundle } from '../find-bundle.ts';
import { isGguf } from '../serve/open-served.ts';

export interface OpenEvalModelOptions {
  /** `base` or a modifier of the bundle. */
  readonly route: string;
  /** Most tokens of a prompt with its answer; never more than the model was trained for. */
  readonly contextTokens: number;
  readonly sequences: number;
  /** null: a rule by the size of the file, so that two runs give equal answers. */
  readonly threads: number | null;
  readonly onCut: () => void;
  readonly signal: AbortSignal;
}

/** Opens a model in GGUF, or a route of a bundle. @throws CogumiError EVAL_ROUTE; as `findBundle`, `readBundle`, `openModel`. */
export async function openEvalModel(
  named: string | undefined,
  options: OpenEvalModelOptions,
): Promise<{ model: EvalModel; digest: string; close: () => Promise<void> }> {
  const { contextTokens, sequences, threads, onCut, signal } = options;
  const { modelPath, adapters, ...about } = await filesOf(await findBundle(named), options);
  const host = await openModel({
    ...{ modelPath, adapters, sequences, contextTokens, signal },
    ...(threads === null ? {} : { threads }),
  });
  return { model: hostModel(host, { ...about, sequences, onCut }), digest: about.digest, close: () => host.close() };
}

interface ModelFiles extends Pick<HostModelOptions, 'name' | 'digest' | 'adapter'> {
  readonly modelPath: string;
  readonly adapters: Readonly<Record<string, string>>;
}

async function filesOf(path: string, { route, signal }: OpenEvalModelOptions): Promise<ModelFiles> {
  const cache = cacheFolder();
  if (await isGguf(path)) {
    if (route !== 'base') throw unknownRoute(route, path, ['base']);
    const digest = await modelDigest(path, cache, signal);
    return { name: basename(path), digest, adapter: null, modelPath: path, adapters: {} };
  }
  const bundle = await readBundle(path, signal);
  const { name, base, modifiers } = bundle.config;
  const adapter = modifiers.find((modifier) => modifier.name === route);
  if (route !== 'base' && !adapter) {
    throw unknownRoute(route, path, ['base', ...modifiers.map((modifier) => modifier.name)]);
  }
  const { basePath, adapterPaths } = await unpackBundle(bundle, cache, signal);
  return {
    name: `${name}:${route}`,
    digest: base.digest,
    adapter: adapter ? { name: adapter.name, digest: adapter.digest } : null,
    modelPath: basePath,
    adapters: adapter ? { [adapter.name]: adapterPaths[adapter.name] as string } : {},
  };
}

function unknownRoute(route: string, path: string, routes: readonly string[]): CogumiError {
  return new CogumiError(
    'EVAL_ROUTE',
    `${path} has no route "${route}"; it has ${routes.join(', ')}.`,
    `For example: --route ${routes.at(-1)}`,
    { exitCode: EXIT.usage },
  );
}
