import type { ModelHost } from '@cogumi/llama';
import { Replicas } from './replicas.ts';
import { upstreamHost } from './upstream-host.ts';
import { upstreamModels } from './upstream-models.ts';

/** Answers that are asked for side by side where no number is set (chosen): servers batch as many. */
export const UPSTREAM_PARALLEL = 64;

/** Servers that generate with the base and the adapters of a bundle. All have the same models. */
export interface Upstream {
  /** Of their OpenAI API, such as `http://host:8000/v1`. */
  readonly urls: readonly string[];
  /** Sent as a bearer token; null: none. */
  readonly key: string | null;
}

/**
 * Asks the first server for its models.
 *
 * @param routes - `base` and the modifiers.
 * @returns `hostOf` lets the servers generate for a base that reads and routes here.
 * @throws as `upstreamModels`.
 */
export async function openUpstream(
  { urls, key }: Upstream,
  routes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ hostOf(host: ModelHost): ModelHost }> {
  const replicas = new Replicas(urls, key);
  const models = await upstreamModels(replicas.urls[0] as string, key, routes, signal);
  return { hostOf: (host) => upstreamHost(host, replicas, models) };
}
