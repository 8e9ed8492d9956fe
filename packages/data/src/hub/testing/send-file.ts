import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bytes } from './content.ts';
import type { Fault } from './faults.ts';

/** Answers GET and HEAD for a file, with `Range` and `If-Range` (RFC 9110, section 14), or with a fault. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  whole: Bytes,
  headers: Readonly<Record<string, string>>,
  fault: Fault = { kind: 'none' },
): Promise<void> {
  if (fault.kind === 'status') {
    response.writeHead(fault.status, { ...fault.headers }).end();
    return;
  }
  if (fault.kind === 'slow') await pause(fault.ms);
  const bytes = fault.kind === 'other-bytes' ? Buffer.alloc(whole.length, 'x') : whole;
  const range = fault.kind === 'no-ranges' ? null : readRange(request, bytes.length, headers.etag);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const [from, to] = range ?? [0, bytes.length];
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': to - from,
    ...(range && { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` }),
  });
  if (request.method === 'HEAD') response.end();
  else if (fault.kind === 'cut') {
    response.write(bytes.subarray(from, from + fault.afterBytes));
    // Destroying the socket at once would discard bytes that the client has received but not read.
    await pause(30);
    response.destroy();
  } else response.end(bytes.subarray(from, to));
}

/** @returns `[start, end)`, or null if the whole file is to be sent. */
function readRange(request: IncomingMessage, size: number, etag?: string): [number, number] | 'unsatisfiable' | null {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return null;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return null;
  if (Number(from) >= size) return 'unsatisfiable';
  return [Number(from), to ? Math.min(Number(to) + 1, size) : size];
}
