import { Agent, fetch, type RequestInit, type Response } from 'undici';

export type Reply = Response;

const AGENT = new Agent();

/**
 * Not the `fetch` of Node 24: a server that closes the connection while the client here reads slowly would end the process
 * (nodejs/undici#5360).
 *
 * @throws As `fetch` does.
 */
export const fetchReply = (url: string, init: Omit<RequestInit, 'dispatcher'>): Promise<Reply> =>
  fetch(url, { ...init, dispatcher: AGENT });
