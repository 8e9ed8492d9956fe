import { CogumiError } from '@cogumi/contracts';
import { z } from 'zod';
import { bearer, failureOf } from './upstream-call.ts';
import { UpstreamError } from './upstream-error.ts';

const Models = z.object({ data: z.array(z.object({ id: z.string(), parent: z.string().nullish() })) });
/** Longest wait for a list (chosen). */
const LIST_MS = 10_000;

/**
 * Asks which models a server has, and finds those of the routes among them: an adapter by its name, alone (vLLM's `--lora-modules
 * code=…`) or behind a colon (Cogumi's `tiny:code`), the base by `base` or as the first model that is no adapter.
 *
 * @param url - Of an OpenAI API, such as `http://host:8000/v1`.
 * @returns Route to the name of its model.
 * @throws UpstreamError if it gives no list; CogumiError UPSTREAM_MODELS if a route has no model.
 */
export async function upstreamModels(
  url: string,
  key: string | null,
  routes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const late = AbortSignal.timeout(LIST_MS);
  const list = await fetch(`${url}/models`, {
    headers: bearer(key),
    signal: signal ? AbortSignal.any([signal, late]) : late,
  })
    .then(async (reply) => {
      if (!reply.ok) throw new Error(`it answered ${reply.status}: ${(await reply.text()).slice(0, 300)}`);
      return Models.parse(await reply.json()).data;
    })
    .catch((cause: Error) => {
      signal?.throwIfAborted();
      throw new UpstreamError(`${url}/models gives no list of models: ${failureOf(cause)}.`, { cause });
    });
  const named = (route: string) => list.find(({ id }) => id === route || id.endsWith(`:${route}`))?.id;
  const models = Object.fromEntries(
    routes.map((route) => [
      route,
      named(route) ?? (route === 'base' ? list.find(({ parent }) => (parent ?? null) === null)?.id : undefined),
    ]),
  );
  const missing = routes.filter((route) => models[route] === undefined);
  if (missing.length === 0) return models as Record<string, string>;
  throw new CogumiError(
    'UPSTREAM_MODELS',
    `${url} has no model for ${missing.join(', ')}; it has ${list.map(({ id }) => id).join(', ') || 'none'}.`,
    `Load the adapters there under their names, such as \`vllm serve … --enable-lora --lora-modules ${missing[0]}=<folder>\`.`,
  );
}
