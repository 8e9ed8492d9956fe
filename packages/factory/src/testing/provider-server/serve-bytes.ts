import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A server that answers by a listener alone: for replies that the real ones never send, or once in a blue moon. */
export async function serve(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers every request with these bytes, a few at a time, so that letters and lines are torn apart. */
export function serveBytes(text: string, { type = 'text/event-stream', step = 7, headers = {} } = {}) {
  return serve(async (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': type, ...headers });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += step) {
      response.write(bytes.subarray(at, at + step));
      // A turn of the event loop: else they leave as one packet.
      await setTimeout(0);
    }
    response.end();
  });
}
