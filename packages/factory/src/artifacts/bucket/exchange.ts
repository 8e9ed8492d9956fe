import { createReadStream } from 'node:fs';
import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

/** Longest silence of a server (chosen). */
const SILENCE_MS = 60_000;

/**
 * Sends one request, with the bytes of a file where `file` names one, and answers what the server says. Not by `fetch`: that of Node 24
 * ends the process when a server closes the connection while its answer waits for the disk (`assert(!this.paused)`).
 *
 * @throws What the system says of the connection.
 */
export function exchange(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  file: { readonly path: string; readonly bytes: number } | null,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith('https:') ? overHttps : overHttp;
    const length = file === null ? {} : { 'content-length': String(file.bytes) };
    const request = open(url, { method, headers: { ...headers, ...length } }, resolve);
    request.setTimeout(SILENCE_MS, () => request.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
    // After an answer, an error of the rest of the body says nothing more.
    request.on('error', reject);
    if (file === null) request.end();
    else
      createReadStream(file.path)
        .on('error', (cause) => request.destroy(cause))
        .pipe(request);
  });
}
