import { chatPrompt } from '@cogumi/llama';
import { cacheFolder } from './bundle/cache-folder.ts';
import { Proofs } from './bundle/proofs.ts';
import { readBundle } from './bundle/read-bundle.ts';
import { unpackBundle } from './bundle/unpack-bundle.ts';
import { loadModel } from './models/load-model.ts';
import { DEFAULT_CONTEXT_TOKENS, type Runtime, type RuntimeOptions } from './runtime.ts';
import { servedModels } from './served-models.ts';
import { startRuntime } from './start-runtime.ts';
import { openUpstream, UPSTREAM_PARALLEL } from './upstream/open-upstream.ts';

/**
 * Opens a bundle. Every byte is checked before the base is loaded: hashed now, or by an earlier start of which the file was left as it was
 * (`Proofs`).
 *
 * @throws BundleError; CogumiError CACHE_UNWRITABLE, ROUTER_SHAPE, CHAT_TEMPLATE; as `loadModel`, `openUpstream`; the signal's reason.
 */
export async function openRuntime(path: string, options: RuntimeOptions = {}): Promise<Runtime> {
  const {
    cache = cacheFolder(),
    contextTokens = DEFAULT_CONTEXT_TOKENS,
    upstream,
    signal,
    draft,
    onDecided,
    ...model
  } = options;
  const bundle = await readBundle(path, signal, new Proofs(cache));
  const { name, modifiers } = bundle.config;
  const routes = ['base', ...modifiers.map((modifier) => modifier.name)];
  const elsewhere = upstream && (await openUpstream(upstream, routes, signal));
  return startRuntime(
    {
      served: { name, path: bundle.path, digest: bundle.digest },
      models: servedModels(
        name,
        modifiers.map((modifier) => modifier.name),
      ),
      router: bundle.router,
      ...(elsewhere ? { parallel: options.sequences ?? UPSTREAM_PARALLEL, notes: elsewhere.notes } : {}),
      // Unpacking hashes cached files again that were written since, so a file that was changed in the cache is never loaded.
      open: async (closed, decided) => {
        const { basePath, adapterPaths, draftPath } = await unpackBundle(bundle, cache, closed);
        const settled = { ...model, cache, contextTokens, onDecided: decided };
        if (!elsewhere) {
          const files = {
            modelPath: basePath,
            adapters: adapterPaths,
            draftPath: draft ?? draftPath,
            router: bundle.router,
          };
          return loadModel(files, settled, closed);
        }
        // The base reads and routes prompts here, and nothing else.
        const loaded = await loadModel(
          { modelPath: basePath, adapters: {}, router: bundle.router },
          { ...settled, sequences: 1, speculate: 'off' },
          closed,
        );
        return { ...loaded, host: elsewhere.hostOf(loaded.host, closed) };
      },
      ...(onDecided ? { onDecided } : {}),
      // A model that cannot chat fails here, not at the first question.
      check: (info) => void chatPrompt(info, [{ role: 'user', content: 'Hello' }]),
    },
    signal,
  );
}
