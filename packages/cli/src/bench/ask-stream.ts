import { connect } from 'node:net';
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

/** Room for what comes at a time: events have about 300 bytes (measured). */
const READ_BYTES = 65_536;
const EVENT = Buffer.from('data:');

/**
 * Asks a server that speaks OpenAI's text completions for one streamed answer at temperature 0.
 *
 * The client runs on the cores that it measures, so it does next to nothing while events come: they are kept as they are, and parsed when
 * the server has closed the connection. (An HTTP client takes twice the time for each of them.)
 *
 * @throws CogumiError BENCH_ANSWER; the signal's reason.
 */
export function askStream(url: string, { prompt, maxTokens, banned, signal }: StreamRequest): Promise<StreamTimes> {
  const { hostname, port, host } = new URL(url);
  const body = JSON.stringify({
    prompt,
    max_tokens: maxTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    logit_bias: Object.fromEntries(banned.map((token) => [token, -100])),
  });
  const head = [
    'POST /v1/completions HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  const { promise, resolve, reject } = Promise.withResolvers<StreamTimes>();
  const fail = (what: string, cause?: unknown) =>
    reject(
      signal.aborted
        ? signal.reason
        : new CogumiError('BENCH_ANSWER', `${url} ${what}.`, 'Its log may say why.', { cause }),
    );
  let sent = 0;
  let first = 0;
  let last = 0;
  const parts: Buffer[] = [];
  const callback = (bytes: number, buffer: Uint8Array) => {
    last = performance.now();
    const part = Buffer.from(buffer.subarray(0, bytes));
    if (first === 0 && part.includes(EVENT)) first = last;
    parts.push(part);
    return true;
  };
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    signal,
    onread: { buffer: Buffer.allocUnsafe(READ_BYTES), callback },
  });
  socket.once('connect', () => {
    sent = performance.now();
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
  socket.once('error', (error) => fail(parts.length === 0 ? 'cannot be reached' : 'broke off its answer', error));
  socket.once('end', () => {
    const text = Buffer.concat(parts).toString('latin1');
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? [];
    const [, counted] = /"completion_tokens":\s*(\d+)/.exec(text) ?? [];
    if (status !== '200') fail(`answered ${status}: ${text.slice(-300)}`);
    else if (counted === undefined || first === 0) fail(`ended its answer without a usage: ${text.slice(-300)}`);
    else resolve({ sent, first, last, tokens: Number(counted) });
  });
  return promise;
}
