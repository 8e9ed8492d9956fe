import type { AnswerCache, Reply } from './cache/answer-cache.ts';

export interface AskOptions<Request> {
  readonly cache: AnswerCache;
  readonly signal: AbortSignal;
  /** Requests that the model takes at once. */
  readonly together: number;
  /** @returns The replies in the order of the requests. */
  ask(requests: readonly Request[]): Promise<readonly Reply[]>;
  /** @param done - Requests with a reply. */
  onProgress(done: number): void;
}

/**
 * Replies to requests. Those that the cache has are not asked for again, equal ones are asked once, and each new reply is kept as soon as
 * it is there: a run that was stopped goes on where it stopped.
 *
 * @param keys - Of the requests in the cache (`keyOf`).
 * @returns The replies in the order of the requests, and how many came from the cache.
 * @throws As `ask`; the signal's reason.
 */
export async function askOpen<Request>(
  keys: readonly string[],
  requests: readonly Request[],
  { cache, signal, together, ask, onProgress }: AskOptions<Request>,
): Promise<{ replies: Reply[]; cached: number }> {
  const replies = new Map<string, Reply>();
  for (const key of keys) {
    const known = cache.find(key);
    if (known !== null) replies.set(key, known);
  }
  const answered = () => keys.filter((key) => replies.has(key)).length;
  const cached = answered();
  onProgress(cached);

  const open = [...new Map(keys.map((key, at) => [key, requests[at] as Request]))].filter(([key]) => !replies.has(key));
  for (const part of inParts(open, together)) {
    signal.throwIfAborted();
    const found = await ask(part.map(([, request]) => request)).catch((error: unknown) => {
      // A model that was ended because of the signal says that it died.
      signal.throwIfAborted();
      throw error;
    });
    const fresh = new Map(part.map(([key], at) => [key, found[at] as Reply]));
    cache.keep(fresh);
    for (const [key, reply] of fresh) replies.set(key, reply);
    onProgress(answered());
  }
  return { replies: keys.map((key) => replies.get(key) as Reply), cached };
}

function inParts<Entry>(entries: readonly Entry[], length: number): Entry[][] {
  return Array.from({ length: Math.ceil(entries.length / length) }, (_, part) =>
    entries.slice(part * length, (part + 1) * length),
  );
}
