import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.ts';

/** Headers that are read here and mean one value. Node keeps the first of several in silence. */
const SINGLE = ['host', 'content-type', 'authorization', 'x-api-key', 'origin'];

/** What Node has parsed of a request's head. `rawHeaders` has names and values in turn. */
export interface RequestHead {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** Refuses a head that no URL can be made of, and headers that contradict each other. @throws ApiError 400. */
export function checkRequestHead({ url = '', headers, rawHeaders }: RequestHead): void {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const repeated = SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated !== undefined) throw invalid(`The header ${repeated} was sent more than once.`);
  if (headers.host === undefined) throw invalid('The request has no Host header.');
  const own = `http://${headers.host}`;
  // Anything but a name and a port, such as a path or a user, would end up in another part of the URL.
  if (!URL.canParse(own) || /[^\w.:[\]-]/.test(headers.host))
    throw invalid(`The Host header ${shown(headers.host)} is not valid.`);
  const absolute = /^https?:\/\//.test(url);
  if (!(absolute || url.startsWith('/')) || !URL.canParse(absolute ? url : own + url)) {
    throw invalid(`The address ${shown(url)} is not valid.`);
  }
}

export function invalid(message: string, cause?: unknown): ApiError {
  return new ApiError(400, 'invalid_request', message, { headers: { connection: 'close' }, cause });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
