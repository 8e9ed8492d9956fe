import { bearer, failureOf } from './upstream-call.ts';
import { UpstreamError } from './upstream-error.ts';

/** How long a server that failed is asked only if no other is left: it doubles from one second to a minute (chosen). */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;
/** Statuses of a server that has no room or is being started: another may answer. */
const ELSEWHERE = [429, 502, 503, 504];

interface Replica {
  readonly url: string;
  /** Requests under way. */
  requests: number;
  /** Failures in a row. */
  failures: number;
  restsUntil: number;
}

/** Servers with the same models. Each request goes to the one with fewest under way; one that failed rests. */
export class Replicas {
  readonly #replicas: readonly Replica[];
  readonly #headers: Readonly<Record<string, string>>;

  /** @param urls - Of their OpenAI API, such as `http://host:8000/v1`. @param key - Sent as a bearer token; null: none. */
  constructor(urls: readonly string[], key: string | null) {
    this.#replicas = urls.map((url) => ({
      url: url.replace(/\/+$/, ''),
      requests: 0,
      failures: 0,
      restsUntil: Number.NEGATIVE_INFINITY,
    }));
    this.#headers = bearer(key);
  }

  get urls(): string[] {
    return this.#replicas.map(({ url }) => url);
  }

  /**
   * Sends a request. One that fails before an answer has begun goes to the next server, as nothing of it was passed on.
   *
   * @returns The reply and a function that is called when its body has been read.
   * @throws UpstreamError if no server answers, or one refuses the request; the signal's reason.
   */
  async send(
    path: string,
    body: object,
    signal: AbortSignal | undefined,
  ): Promise<{ reply: Response; end: () => void }> {
    const now = performance.now();
    const resting = ({ restsUntil }: Replica) => Number(restsUntil > now);
    const order = this.#replicas.toSorted(
      (one, other) =>
        resting(one) - resting(other) || one.requests - other.requests || one.restsUntil - other.restsUntil,
    );
    const problems: string[] = [];
    for (const replica of order) {
      replica.requests++;
      const end = () => {
        replica.requests--;
      };
      try {
        const reply = await fetch(replica.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...this.#headers },
          body: JSON.stringify(body),
          ...(signal ? { signal } : {}),
        });
        if (reply.ok) {
          replica.failures = 0;
          return { reply, end };
        }
        const text = (await reply.text()).slice(0, 300);
        problems.push(`${replica.url} answered ${reply.status}: ${text}`);
        // Another server would refuse it, too.
        if (!ELSEWHERE.includes(reply.status)) throw new UpstreamError(`${problems.at(-1)}`);
      } catch (error) {
        end();
        signal?.throwIfAborted();
        if (error instanceof UpstreamError) throw error;
        problems.push(`${replica.url} cannot be reached: ${failureOf(error)}`);
        this.#rest(replica);
        continue;
      }
      end();
      this.#rest(replica);
    }
    throw new UpstreamError(`No server could answer: ${problems.join('; ')}.`);
  }

  #rest(replica: Replica): void {
    replica.restsUntil = performance.now() + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** replica.failures);
    replica.failures++;
  }
}
