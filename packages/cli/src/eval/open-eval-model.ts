import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { CogumiError, EXIT, type RouterWeights, Teacher } from '@cogumi/contracts';
import { type EvalModel, hostModel } from '@cogumi/evals';
import { openModel } from '@cogumi/llama';
import { cacheFolder, createRouter, modelDigest, readBundle, unpackBundle } from '@cogumi/runtime';
import { findBundle } from '../find-bundle.ts';
import { isGguf } from '../serve/open-served.ts';
import { type EndpointOptions, openEndpoint } from './open-endpoint.ts';
import { routedModel } from './routed-model.ts';

export interface OpenEvalModelOptions {
  /** `base` or a modifier of the bundle; null: what the bundle serves, which is what its router chooses, or the base. */
  readonly route: string | null;
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

export interface OpenEvalModel {
  readonly model: EvalModel;
  /** `sha256:…` of the file of the model, or of the base; null: an endpoint does not tell. */
  readonly digest: string | null;
  close(): Promise<void>;
}

/**
 * Opens a model in GGUF, a bundle or one of its routes, or `provider:model`, a model of an endpoint.
 *
 * @throws CogumiError EVAL_ROUTE; as `findBundle`, `readBundle`, `openModel`, `openEndpoint`.
 */
export async function openEvalModel(named: string | undefined, options: OpenEvalModelOptions): Promise<OpenEvalModel> {
  const teacher = Teacher.safeParse(named);
  if (teacher.success && !existsSync(teacher.data)) return openEndpoint(teacher.data, options.endpoint, options.signal);
  const path = await findBundle(named);
  return (await isGguf(path)) ? openFile(path, options) : openBundle(path, options);
}

async function openFile(modelPath: string, options: OpenEvalModelOptions): Promise<OpenEvalModel> {
  if (options.route !== null && options.route !== 'base') throw unknownRoute(options.route, modelPath, ['base']);
  const digest = await modelDigest(modelPath, cacheFolder(), options.signal);
  const host = await openHost(modelPath, {}, options);
  const model = hostModel(host, { name: basename(modelPath), digest, adapter: null, ...options });
  return { model, digest, close: () => host.close() };
}

async function openBundle(path: string, options: OpenEvalModelOptions): Promise<OpenEvalModel> {
  const { route, signal } = options;
  const bundle = await readBundle(path, signal);
  const { name, base, modifiers, router } = bundle.config;
  const routes = ['base', ...modifiers.map((modifier) => modifier.name)];
  if (route !== null && !routes.includes(route)) throw unknownRoute(route, path, routes);
  const routed = route === null && bundle.router !== null && router !== null;
  const asked = routed ? routes : [route ?? 'base'];
  const { basePath, adapterPaths } = await unpackBundle(bundle, cacheFolder(), signal);
  const adapters = modifiers.filter((modifier) => asked.includes(modifier.name));
  const paths = adapters.map((modifier) => [modifier.name, adapterPaths[modifier.name] as string]);
  const host = await openHost(basePath, Object.fromEntries(paths), options, routed ? bundle.router : null);
  const close = () => host.close();
  try {
    const modelOf = (one: string) => {
      const adapter = adapters.find((modifier) => modifier.name === one) ?? null;
      return hostModel(host, { name: `${name}:${one}`, digest: base.digest, adapter, ...options });
    };
    if (!routed) return { model: modelOf(asked[0] as string), digest: base.digest, close };
    const weights = createRouter(bundle.router, host.info.hiddenSize);
    const models = new Map(asked.map((one) => [one, modelOf(one)]));
    const model = routedModel({ name, host, router: weights, digest: router.digest, routes: models });
    return { model, digest: base.digest, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const openHost = (
  modelPath: string,
  adapters: Readonly<Record<string, string>>,
  { sequences, contextTokens, threads, signal }: OpenEvalModelOptions,
  router: RouterWeights | null = null,
) =>
  openModel({
    ...{ modelPath, adapters, sequences, contextTokens, signal },
    ...(threads === null ? {} : { threads }),
    ...(router === null ? {} : { router }),
  });

function unknownRoute(route: string, path: string, routes: readonly string[]): CogumiError {
  return new CogumiError(
    'EVAL_ROUTE',
    `${path} has no route "${route}"; it has ${routes.join(', ')}.`,
    `For example: --route ${routes.at(-1)}`,
    { exitCode: EXIT.usage },
  );
}
