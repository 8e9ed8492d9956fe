import type { ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { connectionFailure, failure } from './failure.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Whole address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  /** A model is asked for: 404 then means that there is no such one. */
  readonly asksModel?: boolean;
}

/** A reply whose head is here. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it comes, to be read once. @throws ProviderError `timeout`, `cut-short`; what the signal carries. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Closes the connection if anything is left unread. Has to be called. */
  close(): void;
}

/** Made once: an abort without a reason makes an error with a stack each time, which is a tenth of a call's cost (measured). */
const CLOSED = new Error('closed');

/**
 * Sends one request and waits for the head of its reply, whatever its status. An abort closes the connection.
 *
 * @throws ProviderError `unreachable`, `timeout`; what `signal` carries.
 */
export async function openReply(request: HttpRequest, endpoint: Endpoint, signal: AbortSignal): Promise<HttpReply> {
  signal.throwIfAborted();
  const { firstByteMs, betweenBytesMs, totalMs } = endpoint.timeouts;
  const connection = new AbortController();
  const expire = (what: string) => () => {
    // It was sent: the model may have run, be it that nobody hears the answer.
    connection.abort(failure(endpoint, 'timeout', what, { charged: 'unknown' }));
  };
  const abort = () => connection.abort(signal.reason);
  signal.addEventListener('abort', abort);
  const total = setTimeout(expire(`the request took longer than ${seconds(totalMs)}`), totalMs);
  let silence = setTimeout(expire(`no reply within ${seconds(firstByteMs)}`), firstByteMs);

  let complete = false;
  const close = () => {
    clearTimeout(total);
    clearTimeout(silence);
    signal.removeEventListener('abort', abort);
    if (!complete) connection.abort(CLOSED);
  };
  /** An abort of ours carries its own reason; every other error is the connection's. */
  const explain = (otherwise: () => ProviderError) =>
    connection.signal.aborted ? (connection.signal.reason as unknown) : otherwise();

  let response: Response;
  try {
    const { method, url, headers, body = null } = request;
    // A redirect could carry the key to another server.
    response = await fetch(url, { method, headers, body, signal: connection.signal, redirect: 'manual' });
  } catch (cause) {
    const reason = explain(() => connectionFailure(endpoint, cause));
    close();
    throw reason;
  }
  clearTimeout(silence);

  async function* bytes(): AsyncGenerator<Uint8Array> {
    if (response.body === null) {
      complete = true;
      return;
    }
    const wait = () => {
      silence = setTimeout(expire(`the reply stopped for ${seconds(betweenBytesMs)}`), betweenBytesMs);
    };
    try {
      wait();
      for await (const chunk of response.body) {
        clearTimeout(silence);
        // Whoever reads may take their time.
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
  return { status: response.status, headers: response.headers, bytes: bytes(), close };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
