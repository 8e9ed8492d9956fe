import { setTimeout } from 'node:timers/promises';
import { serve } from '@cogumi/pure/testing';

/** Answers every request with these bytes, a few at a time, so that characters and lines are split. */
export function serveBytes(text: string, { type = 'text/event-stream', step = 7, headers = {} } = {}) {
  return serve(async (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': type, ...headers });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += step) {
      response.write(bytes.subarray(at, at + step));
      // Waits a turn of the event loop; otherwise the pieces leave as one packet.
      await setTimeout(0);
    }
    response.end();
  });
}
