import { CogumiError } from '@cogumi/contracts';
import { z } from 'zod';
import { fetchReply } from './fetch-reply.ts';
import { bearer, failureOf } from './upstream-call.ts';
import { UpstreamError } from './upstream-error.ts';

const Models = z.object({
  data: z.array(z.object({ id: z.string(), parent: z.string().nullish(), owned_by: z.string().nullish() })),
});
const Adapters = z.array(z.object({ id: z.number(), path: z.string() }));
/** How llama-server signs its models. */
const LLAMA_SERVER = 'llamacpp';

/** Statuses of a llama-server that knows no list of adapters. */
const WITHOUT_LIST = [404, 501];

/** Longest wait for a list (chosen). */
export const LIST_MS = 10_000;

/** How a route is asked for. */
export interface RouteModel {
  readonly model: string;
  /** llama-server's: the strength of each of its adapters, by their numbers; it knows them by no name. */
  readonly lora?: readonly { readonly id: number; readonly scale: number }[];
}

/** What a server offers. */
export interface Offer {
  readonly routes: Readonly<Record<string, RouteModel>>;
  /** It takes grammars in GBNF, and has defaults of its own for how tokens are chosen. */
  readonly isLlamaServer: boolean;
}

/**
 * Asks which models a server has, and finds those of the routes among them: an adapter by its name, alone (vLLM's `--lora-modules
 * code=…`) or behind a colon (Cogumi's `tiny:code`), or by the file that llama-server was started with (`--lora code.gguf`); the base by
 * `base` or as the first model that is no adapter.
 *
 * @param url - Of an OpenAI API, such as `http://host:8000/v1`.
 * @throws UpstreamError if it gives no list; CogumiError UPSTREAM_MODELS if a route has no model.
 */
export async function upstreamModels(
  url: string,
  key: string | null,
  routes: readonly string[],
  signal: AbortSignal | undefined,
  waitMs = LIST_MS,
): Promise<Offer> {
  const late = AbortSignal.timeout(waitMs);
  const until = signal ? AbortSignal.any([signal, late]) : late;
  const list = await read(`${url}/models`, key, until)
    .then((body) => Models.parse(body).data)
    .catch((cause: Error) => {
      signal?.throwIfAborted();
      throw new UpstreamError(`${url}/models gives no list of models: ${failureOf(cause)}.`, { cause });
    });
  const isLlamaServer = list.some(({ owned_by: owner }) => owner === LLAMA_SERVER);
  const adapters = isLlamaServer ? await llamaServerAdapters(url, key, until) : [];
  signal?.throwIfAborted();
  const found = new Map(routes.map((route) => [route, find(route, list, adapters)] as const));
  const missing = routes.filter((route) => found.get(route) === null);
  if (missing.length === 0) return { routes: Object.fromEntries(found) as Record<string, RouteModel>, isLlamaServer };
  const names = [...list.map(({ id }) => id), ...adapters.map(({ name }) => name)];
  throw new CogumiError(
    'UPSTREAM_MODELS',
    `${url} has no model for ${missing.join(', ')}; it has ${names.join(', ') || 'none'}.`,
    `Load the adapters there under their names, such as \`vllm serve … --enable-lora --lora-modules ${missing[0]}=<folder>\` or \`llama-server … --lora ${missing[0]}.gguf\`.`,
  );
}

interface NamedAdapter {
  readonly id: number;
  readonly name: string;
}

function find(
  route: string,
  list: z.infer<typeof Models>['data'],
  adapters: readonly NamedAdapter[],
): RouteModel | null {
  const named = list.find(({ id }) => id === route || id.endsWith(`:${route}`))?.id;
  const base = list.find(({ parent }) => (parent ?? null) === null)?.id;
  const known = route === 'base' || adapters.some(({ name }) => name === route);
  const model = named ?? (known ? base : undefined);
  if (model === undefined) return null;
  if (adapters.length === 0) return { model };
  return { model, lora: adapters.map(({ id, name }) => ({ id, scale: Number(name === route) })) };
}

/**
 * Adapters by the names of their files. Older servers have no such list.
 *
 * @throws UpstreamError if it says nothing: it answers between passes, and to take it for a server without adapters would leave those on
 * that it has.
 */
async function llamaServerAdapters(url: string, key: string | null, signal: AbortSignal): Promise<NamedAdapter[]> {
  const list = `${url.replace(/\/v1$/, '')}/lora-adapters`;
  const fail = (cause: unknown) => {
    throw new UpstreamError(`${list} gives no list of adapters: ${failureOf(cause)}.`, { cause });
  };
  const reply = await fetchReply(list, { headers: bearer(key), signal }).catch(fail);
  if (WITHOUT_LIST.includes(reply.status)) return [];
  if (!reply.ok) fail(new Error(`it answered ${reply.status}`));
  const parsed = Adapters.safeParse(await reply.json().catch(fail));
  const nameOf = (path: string) => path.replace(/^.*[/\\]/, '').replace(/\.gguf$/i, '');
  return parsed.success ? parsed.data.map(({ id, path }) => ({ id, name: nameOf(path) })) : [];
}

async function read(url: string, key: string | null, signal: AbortSignal): Promise<unknown> {
  const reply = await fetchReply(url, { headers: bearer(key), signal });
  if (!reply.ok) throw new Error(`it answered ${reply.status}: ${(await reply.text()).slice(0, 300)}`);
  return reply.json();
}
