import type { Agent, RequestInit, Response } from 'undici';

export type Reply = Response;

let client: Promise<Pick<typeof import('undici'), 'fetch'> & { readonly dispatcher: Agent }> | null = null;

/** Loaded only where there is an upstream server: it takes a tenth of a second. */
async function loadClient() {
  const { Agent, fetch } = await import('undici');
  return { fetch, dispatcher: new Agent() };
}

/**
 * Not the `fetch` of Node 24: a server that closes the connection while the client here reads slowly would end the process
 * (nodejs/undici#5360).
 *
 * @throws As `fetch` does.
 */
export async function fetchReply(url: string, init: Omit<RequestInit, 'dispatcher'>): Promise<Reply> {
  client ??= loadClient();
  const { fetch, dispatcher } = await client;
  return fetch(url, { ...init, dispatcher });
}
