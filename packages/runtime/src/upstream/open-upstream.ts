import type { ModelHost } from '@cogumi/llama';
import { Replicas } from './replicas.ts';
import { upstreamHost } from './upstream-host.ts';

/** Answers that are asked for side by side where no number is set (chosen): servers batch as many. */
export const UPSTREAM_PARALLEL = 64;

/** Servers that generate with the base and the adapters of a bundle. All have the same models. */
export interface Upstream {
  /** Of their OpenAI API, such as `http://host:8000/v1`. */
  readonly urls: readonly string[];
  /** Sent as a bearer token; null: none. */
  readonly key: string | null;
}

export interface OpenedUpstream {
  /** What who serves it should know. */
  readonly notes: readonly string[];
  /** Lets the servers generate for a base that reads and routes here. @param closed - Aborted when the runtime is closed. */
  hostOf(host: ModelHost, closed: AbortSignal): ModelHost;
}

/**
 * Asks the servers for their models.
 *
 * @param routes - `base` and the modifiers.
 * @throws as `Replicas.open`.
 */
export async function openUpstream(
  { urls, key }: Upstream,
  routes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<OpenedUpstream> {
  const replicas = await Replicas.open(urls, key, routes, signal);
  let watching = false;
  return {
    notes: replicas.unreachable.map((url) => `${url} cannot be reached now; it is asked again every few seconds`),
    hostOf: (host, closed) => {
      // The process of the base may be started several times; the servers are watched once.
      if (!watching) replicas.watch(closed);
      watching = true;
      return upstreamHost(host, replicas);
    },
  };
}
