import type { Context } from 'hono';
import type { Env } from './env.ts';

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'transfer-encoding': 'chunked' };

/**
 * A response of server-sent events. Each is made when the connection can take it, without a stream in between: at a few hundred tokens
 * a second such a stream takes a tenth of the cores that the model computes on.
 *
 * @param events - Written as they are; read to their end when the client hangs up.
 * @param unreadMs - A client that does not read would keep its place for ever. Closing the connection ends the answer like a hang-up.
 */
export function eventStream(context: Context<Env>, events: AsyncGenerator<string, void>, unreadMs: number): Response {
  const encoder = new TextEncoder();
  let unread: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(unread);
        const { done, value } = await events.next();
        if (done) return controller.close();
        controller.enqueue(encoder.encode(value));
        // Cleared when more is asked for, which is when the connection has taken this.
        unread = setTimeout(() => context.env.outgoing?.destroy(), unreadMs);
      },
      async cancel() {
        clearTimeout(unread);
        // The signal of the request ends the answer; what is left of it is read, as a client would.
        while (!(await events.next()).done);
      },
    },
    { highWaterMark: 0 },
  );
  for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  return context.body(body);
}
