import { basename } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { cacheFolder } from './bundle/cache-folder.ts';
import { checkBase } from './models/check-base.ts';
import { loadModel } from './models/load-model.ts';
import { DEFAULT_CONTEXT_TOKENS, type Runtime, type RuntimeOptions } from './runtime.ts';
import { servedModels } from './served-models.ts';
import { startRuntime } from './start-runtime.ts';
import { openUpstream, UPSTREAM_PARALLEL } from './upstream/open-upstream.ts';

/** Names that stand in model ids and headers. */
const NAME = /^[a-zA-Z0-9][\w.-]{0,63}$/;

/**
 * Opens a model in GGUF without a bundle, with LoRA adapters in GGUF by name. There is no router: the base answers unless a request
 * names an adapter. A model without a chat template answers text completions only.
 *
 * @throws CogumiError ADAPTER_NAME, ADAPTER_BASE; as `loadModel`, `openUpstream`; the signal's reason.
 */
export async function openModelFile(
  path: string,
  adapters: Readonly<Record<string, string>> = {},
  {
    cache = cacheFolder(),
    contextTokens = DEFAULT_CONTEXT_TOKENS,
    upstream,
    signal,
    draft,
    onDecided,
    ...model
  }: RuntimeOptions = {},
): Promise<Runtime> {
  const wrong = Object.keys(adapters).find((name) => !NAME.test(name) || name === 'base');
  if (wrong !== undefined) {
    throw new CogumiError(
      'ADAPTER_NAME',
      `"${wrong}" cannot name an adapter: a name has up to 64 letters, digits, "_", "." or "-" and begins with a letter or digit, and "base" is the model itself.`,
      'Choose another name.',
      { exitCode: EXIT.usage },
    );
  }
  const name = basename(path)
    .replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')
    .replace(/[^\w.-]/g, '-');
  const unknown = await checkBase(path, adapters, cache, signal);
  const elsewhere = upstream && (await openUpstream(upstream, ['base', ...Object.keys(adapters)], signal));
  return startRuntime(
    {
      notes: [
        ...unknown.map(
          (adapter) => `${adapter} does not name the base that it was trained on: only shapes were compared`,
        ),
        ...(elsewhere?.notes ?? []),
      ],
      served: { name, path, digest: null },
      models: servedModels(name, Object.keys(adapters)),
      router: null,
      ...(elsewhere ? { parallel: model.sequences ?? UPSTREAM_PARALLEL } : {}),
      open: async (closed, decided) => {
        // Files may have been replaced since the start, when the model is loaded again.
        await checkBase(path, adapters, cache, closed);
        const settled = { ...model, cache, contextTokens, onDecided: decided };
        if (!elsewhere) return loadModel({ modelPath: path, adapters, draftPath: draft }, settled, closed);
        // The base reads prompts here, and nothing else.
        const loaded = await loadModel({ modelPath: path, adapters: {} }, { ...settled, sequences: 1 }, closed);
        return { ...loaded, host: elsewhere.hostOf(loaded.host, closed) };
      },
      ...(onDecided ? { onDecided } : {}),
      check: () => {},
    },
    signal,
  );
}
