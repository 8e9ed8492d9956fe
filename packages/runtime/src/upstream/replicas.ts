import { CogumiError } from '@cogumi/contracts';
import { fetchReply, type Reply } from './fetch-reply.ts';
import { bearer, failureOf } from './upstream-call.ts';
import { UpstreamError, unsupported } from './upstream-error.ts';
import { LIST_MS, type Offer, upstreamModels } from './upstream-models.ts';

/** How long a server that failed is asked only if no other is left: it doubles from one second to a minute (chosen). */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;
/** How often each server is asked whether it is there, and how long it may take to say so (chosen). */
const CHECK_MS = 5000;
const CHECK_WAIT_MS = 3000;
/** Statuses of a server that does not know what it is asked, though it was checked here. */
const REFUSED = [400, 422, 501];
/** Statuses of a server that has no room or is being started: another may answer. */
const ELSEWHERE = [429, 502, 503, 504];

interface Replica {
  readonly url: string;
  /** What it offered when it was last asked; null: it could never be asked, or it lacks a model. */
  offer: Offer | null;
  reachable: boolean;
  /** Requests under way. */
  requests: number;
  /** Failures in a row. */
  failures: number;
  restsUntil: number;
}

/**
 * Servers with the same models. Each request goes to the one with fewest under way; one that failed rests, and one that cannot be
 * reached, or has lost a model, is asked last until a check finds it again.
 */
export class Replicas {
  readonly #replicas: readonly Replica[];
  readonly #key: string | null;
  readonly #routes: readonly string[];

  private constructor(urls: readonly string[], key: string | null, routes: readonly string[]) {
    this.#replicas = urls.map((url) => ({
      url: url.replace(/\/+$/, ''),
      offer: null,
      reachable: false,
      requests: 0,
      failures: 0,
      restsUntil: Number.NEGATIVE_INFINITY,
    }));
    this.#key = key;
    this.#routes = routes;
  }

  /**
   * Asks all servers for their models. One that cannot be reached now may come later.
   *
   * @param urls - Of their OpenAI API, such as `http://host:8000/v1`. @param key - Sent as a bearer token; null: none.
   * @param routes - `base` and the modifiers.
   * @throws as `upstreamModels` if a server lacks a model, or none can be reached.
   */
  static async open(
    urls: readonly string[],
    key: string | null,
    routes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Replicas> {
    const replicas = new Replicas(urls, key, routes);
    const problems = await replicas.#checkAll(LIST_MS, signal);
    signal?.throwIfAborted();
    const lacking = problems.find((problem) => problem !== null && !(problem instanceof UpstreamError));
    if (lacking) throw lacking;
    if (replicas.unreachable.length === urls.length) throw problems[0];
    return replicas;
  }

  /** Servers that could not be reached when they were last asked. */
  get unreachable(): string[] {
    return this.#replicas.filter(({ reachable }) => !reachable).map(({ url }) => url);
  }

  /** Asks each server every few seconds whether it is there, until the signal is aborted. */
  watch(signal: AbortSignal): void {
    const timer = setInterval(() => void this.#checkAll(CHECK_WAIT_MS, signal), CHECK_MS).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  /**
   * Sends a request. One that fails before an answer has begun goes to the next server, as nothing of it was passed on.
   *
   * @param bodyOf - Makes the body for a server with this offer.
   * @returns The reply and a function that is called when its body has been read.
   * @throws UpstreamError if no server answers, or one refuses the request; what `bodyOf` throws; the signal's reason.
   */
  async send(
    path: string,
    bodyOf: (offer: Offer) => object,
    signal: AbortSignal | undefined,
  ): Promise<{ reply: Reply; end: () => void }> {
    const problems: string[] = [];
    for (const replica of this.#inOrder()) {
      // A check may have found meanwhile that it lacks a model.
      if (replica.offer === null) continue;
      const body = JSON.stringify(bodyOf(replica.offer));
      replica.requests++;
      const end = () => {
        replica.requests--;
      };
      try {
        const reply = await fetchReply(replica.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...bearer(this.#key) },
          body,
          ...(signal ? { signal } : {}),
        });
        if (reply.ok) {
          replica.failures = 0;
          replica.reachable = true;
          return { reply, end };
        }
        const text = (await reply.text()).slice(0, 300);
        problems.push(`${replica.url} answered ${reply.status}: ${text}`);
        if (REFUSED.includes(reply.status)) throw unsupported(`This (${messageOf(text)})`);
        // Another server would refuse it, too.
        if (!ELSEWHERE.includes(reply.status)) throw new UpstreamError(`${problems.at(-1)}`);
      } catch (error) {
        end();
        signal?.throwIfAborted();
        if (error instanceof CogumiError) throw error;
        problems.push(`${replica.url} cannot be reached: ${failureOf(error)}`);
        replica.reachable = false;
        this.#rest(replica);
        continue;
      }
      end();
      this.#rest(replica);
    }
    throw new UpstreamError(`No server could answer: ${problems.join('; ') || 'none has ever been reached'}.`);
  }

  /** Those that can be asked, the best first. */
  #inOrder(): Replica[] {
    const now = performance.now();
    const rank = ({ reachable, restsUntil }: Replica) => 2 * Number(!reachable) + Number(restsUntil > now);
    return this.#replicas
      .filter(({ offer }) => offer !== null)
      .sort(
        (one, other) => rank(one) - rank(other) || one.requests - other.requests || one.restsUntil - other.restsUntil,
      );
  }

  /** @returns For each server what is wrong with it; null: nothing. */
  #checkAll(waitMs: number, signal: AbortSignal | undefined): Promise<(CogumiError | null)[]> {
    return Promise.all(
      this.#replicas.map(async (replica) => {
        try {
          replica.offer = await upstreamModels(replica.url, this.#key, this.#routes, signal, waitMs);
        } catch (error) {
          replica.reachable = false;
          // With another model it would answer something else.
          if (!(error instanceof UpstreamError)) replica.offer = null;
          return error as CogumiError;
        }
        if (!replica.reachable) replica.restsUntil = Number.NEGATIVE_INFINITY;
        replica.reachable = true;
        return null;
      }),
    );
  }

  #rest(replica: Replica): void {
    replica.restsUntil = performance.now() + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** replica.failures);
    replica.failures++;
  }
}

/** What a server says about a refusal, in OpenAI's form or as it stands. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text);
    return String(error?.message ?? text);
  } catch {
    return text;
  }
}
