import type { ModelHost } from '@cogumi/llama';
import type { InputArtifact, StageContext } from './context.ts';
import { inTurn } from './in-turn.ts';

/** Models below this are answered by two processes (chosen: of a larger one, two copies of the weights are too much memory). */
const SHARED_BELOW = 1e9;

/**
 * Processes that answer side by side, each with its part of the threads: two threads in one pass over a small model give 1.2 times what one
 * gives, two processes 1.7 times (docs/log.md). The number hangs on the model alone, so that answers are repeatable.
 *
 * @param bytes - Of the model's file.
 */
export function answeringProcesses(bytes: number): number {
  return bytes < SHARED_BELOW ? 2 : 1;
}

/** Models that answer as one: `completeAll` shares its requests out in turn. */
export async function openAnswerers(
  context: Pick<StageContext<unknown>, 'openModel'>,
  gguf: InputArtifact,
  options: { readonly sequences: number; readonly adapters?: Record<string, string> },
): Promise<Pick<ModelHost, 'info' | 'completeAll'>> {
  const bytes = gguf.manifest.files.find(({ path }) => path === 'model.gguf')?.bytes ?? 0;
  const processes = answeringProcesses(bytes);
  const [first, ...others] = await Promise.all(
    Array.from({ length: processes }, () =>
      context.openModel({
        ...options,
        modelPath: gguf.path('model.gguf'),
        sequences: Math.ceil(options.sequences / processes),
        sideBySide: processes,
      }),
    ),
  );
  const hosts = [first as ModelHost, ...others];
  return {
    info: (first as ModelHost).info,
    completeAll(requests, { onProgress = () => {}, ...rest } = {}) {
      const done = hosts.map(() => 0);
      return inTurn(hosts, requests, (host, part, at) =>
        host.completeAll(part, {
          ...rest,
          onProgress: (own) => {
            done[at] = own;
            onProgress(done.reduce((sum, one) => sum + one));
          },
        }),
      );
    },
  };
}
