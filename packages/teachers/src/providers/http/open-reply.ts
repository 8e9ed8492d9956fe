import type { IncomingMessage } from 'node:http';
import type { ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { connectionFailure, failure } from './failure.ts';
import { type HttpRequest, headersOf, type Sent, send } from './send.ts';

/** A reply whose status and headers have arrived. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  /** The body as a stream, to be read once. @throws ProviderError `timeout`, `cut-short`; the reason of the signal. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Closes the connection if the body was not read to its end. Must be called. */
  close(): void;
}

/**
 * Sends one request and waits for status and headers of the reply; every status is returned. An abort closes the connection.
 *
 * @throws ProviderError `unreachable`, `timeout`; the reason of `signal`.
 */
export async function openReply(request: HttpRequest, endpoint: Endpoint, signal: AbortSignal): Promise<HttpReply> {
  signal.throwIfAborted();
  const { firstByteMs, betweenBytesMs, totalMs } = endpoint.timeouts;
  /** Set when this side closed the connection. */
  let stopped: { readonly reason: unknown } | null = null;
  let sent: Sent | null = null;
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    sent?.destroy();
  };
  const expire = (what: string) => () => {
    // The request was sent, so the model may have run.
    stop(failure(endpoint, 'timeout', what, { charged: 'unknown' }));
  };
  const abort = () => stop(signal.reason);
  signal.addEventListener('abort', abort);
  const total = setTimeout(expire(`the request took longer than ${seconds(totalMs)}`), totalMs);
  let silence = setTimeout(expire(`no reply within ${seconds(firstByteMs)}`), firstByteMs);

  let complete = false;
  const close = () => {
    clearTimeout(total);
    clearTimeout(silence);
    signal.removeEventListener('abort', abort);
    if (!complete) stop(null);
  };
  /** The reason for closing the connection on this side; otherwise the error of the connection. */
  const explain = (otherwise: () => ProviderError) => (stopped ? stopped.reason : otherwise());

  let reply: IncomingMessage;
  try {
    sent = send(request);
    reply = await sent.reply;
  } catch (cause) {
    const reason = explain(() => connectionFailure(endpoint, cause));
    close();
    throw reason;
  }
  clearTimeout(silence);

  async function* bytes(): AsyncGenerator<Uint8Array> {
    const wait = () => {
      silence = setTimeout(expire(`the reply stopped for ${seconds(betweenBytesMs)}`), betweenBytesMs);
    };
    try {
      wait();
      for await (const chunk of reply as AsyncIterable<Uint8Array>) {
        clearTimeout(silence);
        // No timeout while the reader processes the chunk.
        yield chunk;
        wait();
      }
      complete = true;
    } catch (cause) {
      throw explain(() => failure(endpoint, 'cut-short', 'the reply broke off', { charged: 'unknown', cause }));
    } finally {
      clearTimeout(silence);
    }
  }
  return { status: reply.statusCode ?? 0, headers: headersOf(reply), bytes: bytes(), close };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
