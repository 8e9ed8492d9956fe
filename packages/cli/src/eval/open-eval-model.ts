import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { CogumiError, EXIT, Teacher } from '@cogumi/contracts';
import { type EvalModel, type HostModelOptions, hostModel, teacherModel } from '@cogumi/evals';
import { openModel } from '@cogumi/llama';
import { cacheFolder, modelDigest, readBundle, unpackBundle } from '@cogumi/runtime';
import { openTeacherPool, TeachersOptions } from '@cogumi/teachers';
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
  /** Of a model of an endpoint. */
  readonly endpoint: EndpointOptions;
  readonly onCut: () => void;
  readonly signal: AbortSignal;
}

export interface EndpointOptions {
  readonly store: string;
  /** USD of this run. */
  readonly budget: number;
  /** USD per million tokens; null: as it is known. */
  readonly price: { readonly input: number; readonly output: number } | null;
}

export interface OpenEvalModel {
  readonly model: EvalModel;
  /** `sha256:…` of the model's file; null: an endpoint does not tell. */
  readonly digest: string | null;
  close(): Promise<void>;
}

/**
 * Opens a model in GGUF, a route of a bundle, or `provider:model`, a model of an endpoint.
 *
 * @throws CogumiError EVAL_ROUTE; as `findBundle`, `readBundle`, `openModel`, `openTeacherPool`.
 */
export async function openEvalModel(named: string | undefined, options: OpenEvalModelOptions): Promise<OpenEvalModel> {
  const teacher = Teacher.safeParse(named);
  if (teacher.success && !existsSync(teacher.data)) return openEndpoint(teacher.data, options.endpoint, options.signal);
  const { contextTokens, sequences, threads, onCut, signal } = options;
  const { modelPath, adapters, ...about } = await filesOf(await findBundle(named), options);
  const host = await openModel({
    ...{ modelPath, adapters, sequences, contextTokens, signal },
    ...(threads === null ? {} : { threads }),
  });
  return { model: hostModel(host, { ...about, sequences, onCut }), digest: about.digest, close: () => host.close() };
}

async function openEndpoint(
  teacher: Teacher,
  { store, budget, price }: EndpointOptions,
  signal: AbortSignal,
): Promise<OpenEvalModel> {
  // The budget is that of this run alone.
  const run = `eval ${new Date().toISOString()} ${process.pid}`;
  const pool = openTeacherPool({
    ...{ store, recipe: run, run, budget, seed: 0, teachers: [teacher], environment: process.env },
    options: TeachersOptions.parse({ prices: price ? { [teacher]: price } : {} }),
    onWarning: (message) => console.error(message),
  });
  try {
    await pool.check([teacher], signal);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return { model: teacherModel(pool, teacher), digest: null, close: () => pool.close() };
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
