import { retryAfterMs } from '@cogumi/pure';
import { Agent, fetch, Headers, type Response } from 'undici';
import { explainRefusal, explainSilence, HubError, type Target, TransientError } from './hub-error.ts';
import { printable } from './printable.ts';
import { type Patience, realPatience } from './retry.ts';
import type { HubSettings } from './settings.ts';

/** A connection without data for this long is closed and tried again (chosen). */
const SILENCE_MS = 30_000;
const MAX_REDIRECTS = 5;
/** Not the `fetch` of Node 24: a server that closes the connection while its answer waits for the disk would end the process (nodejs/undici#5360). */
const AGENT = new Agent();

interface HubRequest {
  readonly url: string;
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether to follow redirects to other hosts; otherwise the redirect is the reply. */
  readonly leave?: boolean;
}

interface HubReply {
  readonly status: number;
  /** Reads a header from the final response, falling back to earlier redirects (the Hub sets ETag and size on the redirect itself). */
  header(name: string): string | null;
  /** The body in chunks. @throws TransientError if it is interrupted or stalls. */
  chunks(): AsyncGenerator<Buffer>;
  /**
   * The whole body.
   *
   * @param mostBytes - Reading stops after this many bytes.
   * @returns null if the body is longer.
   * @throws TransientError as `chunks`.
   */
  body(mostBytes: number): Promise<Buffer | null>;
  /** Closes the connection of a reply whose body is not read. */
  close(): Promise<void>;
}

/** HTTP client of one Hub. */
export interface Hub {
  readonly settings: HubSettings;
  readonly patience: Patience;
  /**
   * Sends one request. The token goes only to the Hub's own origin, never to the target of a redirect.
   *
   * @throws TransientError for 408, 429, 5xx and no reply; HubError for every other error status; HUB_OFFLINE.
   */
  request(request: HubRequest): Promise<HubReply>;
}

export function createHub(settings: HubSettings, patience: Patience = realPatience): Hub {
  const own = new URL(settings.endpoint).origin;
  return {
    settings,
    patience,
    request: async ({ url, target, signal, method = 'GET', headers = {}, leave = true }) => {
      if (settings.offline) throw offline(target);
      const watch = watchSilence(signal);
      const passed: Headers[] = [];
      try {
        for (let at = new URL(url), hops = 0; ; hops++) {
          const sent = new Headers({ 'accept-encoding': 'identity', ...headers });
          if (settings.token && at.origin === own) sent.set('authorization', `Bearer ${settings.token}`);
          const response = await fetch(at, {
            method,
            headers: sent,
            redirect: 'manual',
            signal: watch.signal,
            dispatcher: AGENT,
          });
          watch.heard();
          passed.unshift(response.headers);
          const next = locationOf(response, at, target);
          if (next && hops < MAX_REDIRECTS && (leave || next.origin === own)) {
            await response.body?.cancel();
            at = next;
            continue;
          }
          if (response.ok || (next && !leave)) return toReply(response, passed, watch, target, settings.endpoint);
          await response.body?.cancel();
          throw refuse(response, target, settings, patience.clock.date());
        }
      } catch (cause) {
        watch.end();
        signal.throwIfAborted();
        if (cause instanceof HubError || cause instanceof TransientError) throw cause;
        throw new TransientError(explainSilence(cause, target, settings.endpoint));
      }
    },
  };
}

function offline({ repository, revision, file }: Target): HubError {
  return new HubError(
    'HUB_OFFLINE',
    `HF_HUB_OFFLINE is set, and the cache does not have ${printable(file ?? 'the list of files')} of ${repository.id} at ${revision}.`,
    'Unset HF_HUB_OFFLINE once, so that it is downloaded.',
  );
}

/** @throws HubError for an invalid target: another try would lead there again. */
function locationOf({ status, headers }: Response, from: URL, { repository, file }: Target): URL | null {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || !location) return null;
  const next = URL.parse(location, from.href);
  if (next && /^https?:$/.test(next.protocol) && next.username === '' && next.password === '') return next;
  throw new HubError(
    'HUB_REFUSED',
    `${from.origin} redirects to "${printable(location)}" for ${printable(file ?? 'the files')} of ${repository.id}, which is not a valid address.`,
    'Check that HF_ENDPOINT is the address of a Hub.',
    status,
  );
}

function refuse(response: Response, target: Target, settings: HubSettings, now: number): HubError | TransientError {
  const final = explainRefusal(response, target, settings);
  const { status, headers } = response;
  const retryable = status === 408 || status === 429 || status >= 500;
  return retryable ? new TransientError(final, retryAfterMs(headers, now)) : final;
}

interface Watch {
  readonly signal: AbortSignal;
  heard(): void;
  end(): void;
}

function watchSilence(outer: AbortSignal): Watch {
  const controller = new AbortController();
  const stop = () => controller.abort(outer.reason);
  outer.addEventListener('abort', stop, { once: true });
  if (outer.aborted) stop();
  const silent = () => controller.abort(new Error(`no data for ${SILENCE_MS / 1000} s`));
  const timer = setTimeout(silent, SILENCE_MS);
  return {
    signal: controller.signal,
    heard: () => timer.refresh(),
    end: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', stop);
    },
  };
}

function toReply(
  response: Response,
  passed: readonly Headers[],
  watch: Watch,
  target: Target,
  endpoint: string,
): HubReply {
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of response.body ?? []) {
        watch.heard();
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      }
    } catch (cause) {
      // Errors of the caller do not get here: they end the generator by `return`.
      throw new TransientError(explainSilence(cause, target, endpoint));
    } finally {
      watch.end();
    }
  }
  return {
    status: response.status,
    header: (name) => passed.map((headers) => headers.get(name)).find((value) => value !== null) ?? null,
    chunks,
    body: async (mostBytes) => {
      const held: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of chunks()) {
        bytes += chunk.length;
        if (bytes > mostBytes) return null;
        held.push(chunk);
      }
      return Buffer.concat(held);
    },
    close: async () => {
      watch.end();
      await response.body?.cancel();
    },
  };
}
