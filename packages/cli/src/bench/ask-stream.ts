import { type Agent, request } from 'node:http';
import { CogumiError } from '@cogumi/contracts';

/** When a streamed answer came, in milliseconds of `performance.now()`. */
export interface StreamTimes {
  readonly sent: number;
  readonly first: number;
  readonly last: number;
  /** Tokens of the answer, as the server counts them. */
  readonly tokens: number;
}

export interface StreamRequest {
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  /** Tokens that would end an answer early. */
  readonly banned: readonly number[];
  readonly signal: AbortSignal;
}

/** The last events, with the usage: more than that is not kept. */
const TAIL_BYTES = 4096;
const EVENT = Buffer.from('data:');

/**
 * Asks a server that speaks OpenAI's text completions for one streamed answer at temperature 0. Events are not parsed while they come:
 * the client runs on the cores that it measures.
 *
 * @throws CogumiError BENCH_ANSWER; the signal's reason.
 */
export function askStream(
  url: string,
  agent: Agent,
  { prompt, maxTokens, banned, signal }: StreamRequest,
): Promise<StreamTimes> {
  const body = JSON.stringify({
    prompt,
    max_tokens: maxTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    logit_bias: Object.fromEntries(banned.map((token) => [token, -100])),
  });
  const { promise, resolve, reject } = Promise.withResolvers<StreamTimes>();
  const fail = (what: string, cause?: unknown) =>
    reject(
      signal.aborted
        ? signal.reason
        : new CogumiError('BENCH_ANSWER', `${url} ${what}.`, 'Its log may say why.', { cause }),
    );
  const sent = performance.now();
  const asked = request(
    `${url}/v1/completions`,
    {
      method: 'POST',
      agent,
      signal,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    (reply) => {
      let first = 0;
      let last = 0;
      let tail = '';
      reply.on('data', (chunk: Buffer) => {
        last = performance.now();
        if (first === 0 && chunk.includes(EVENT)) first = last;
        tail = (tail + chunk.toString('latin1')).slice(-TAIL_BYTES);
      });
      reply.once('error', (error) => fail('broke off its answer', error));
      reply.once('end', () => {
        const [, counted] = /"completion_tokens":\s*(\d+)/.exec(tail) ?? [];
        if (reply.statusCode !== 200) return fail(`answered ${reply.statusCode}: ${tail.slice(0, 300)}`);
        if (counted === undefined || first === 0) return fail(`ended its answer without a usage: ${tail.slice(-300)}`);
        resolve({ sent, first, last, tokens: Number(counted) });
      });
    },
  );
  asked.once('error', (error) => fail('cannot be reached', error));
  asked.end(body);
  return promise;
}
