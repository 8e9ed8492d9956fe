import { stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { exchange } from './exchange.ts';
import { EMPTY_SHA256, type S3Keys, signedHeaders } from './sign.ts';

/** Tries of one request (chosen): with their waits, a store that is overloaded has a quarter of a minute. */
const TRIES = 7;
const FIRST_WAIT_MS = 250;
/** What S3 answers when it is overloaded or a part of it failed ("Error responses", Amazon S3 API Reference). */
const TRY_AGAIN = new Set([429, 500, 502, 503, 504]);
/** How a connection fails or breaks off. */
const BROKEN = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_EOF_STATE'],
]);
/** Most bytes that one request may put ("PutObject", Amazon S3 API Reference). */
const MOST_BYTES = 5 * 2 ** 30;

/** Objects in an S3-compatible store. */
export interface Bucket {
  /** `s3://bucket/prefix`. */
  readonly address: string;
  /** Size in bytes; null: there is no such object. */
  size(name: string): Promise<number | null>;
  /** What `read` makes of an object, which is fetched again when the connection breaks off; null: there is none. */
  get<Result>(name: string, read: (answer: IncomingMessage) => Promise<Result>): Promise<Result | null>;
  /**
   * Puts a file, whose SHA-256 the store compares with what arrives.
   *
   * @param missing - Only where there is none yet. @returns Whether it was put.
   */
  putFile(name: string, path: string, sha256: string, missing: boolean): Promise<boolean>;
}

/**
 * Opens `s3://bucket/prefix` with the variables that AWS's own tools read: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for a store of another maker.
 *
 * @param firstWaitMs - Between the first two tries; it doubles from one to the next.
 * @throws CogumiError BUCKET_INVALID, BUCKET_KEY_MISSING; from every call BUCKET_UNREACHABLE, BUCKET_REFUSED, BUCKET_MISSING.
 */
export function openBucket(address: string, environment: NodeJS.ProcessEnv, firstWaitMs = FIRST_WAIT_MS): Bucket {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(address) ?? [];
  if (bucket === undefined) {
    const hint = 'Write `--bucket s3://NAME/PREFIX`; the name has 3 to 63 lower-case letters, digits, dots and dashes.';
    throw new CogumiError('BUCKET_INVALID', `"${address}" names no bucket.`, hint, { exitCode: EXIT.usage });
  }
  const keys = keysOf(environment, address);
  const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const root = endpoint
    ? `${endpoint.replace(/\/$/, '')}/${bucket}`
    : `https://s3.${keys.region}.amazonaws.com/${bucket}`;
  const folder = prefix.replace(/\/+$/, '');
  const urlOf = (name: string) => `${root}/${folder === '' ? '' : `${folder}/`}${name}`;

  const send = async <Result>(
    method: 'GET' | 'HEAD' | 'PUT',
    name: string,
    read: (answer: IncomingMessage) => Promise<Result>,
    {
      file = null,
      sha256 = EMPTY_SHA256,
      headers = {},
    }: { file?: { path: string; bytes: number } | null; sha256?: string; headers?: Record<string, string> } = {},
  ): Promise<Result> => {
    const url = urlOf(name);
    let why = '';
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await sleep(firstWaitMs * 2 ** (attempt - 1));
      try {
        const signed = signedHeaders({ method, url, headers, sha256 }, keys, new Date());
        const answer = await exchange(method, url, signed, file);
        if (!TRY_AGAIN.has(answer.statusCode ?? 0)) return await read(answer);
        why = `HTTP ${answer.statusCode} ${codeIn(await text(answer))}`.trim();
      } catch (cause) {
        const { code = '' } = cause as NodeJS.ErrnoException;
        if (!BROKEN.has(code)) throw cause;
        why = code;
      }
    }
    throw new CogumiError(
      'BUCKET_UNREACHABLE',
      `${address} did not take or give ${name} in ${TRIES} tries (${why}).`,
      'Run the same command again later: what is finished stays in the folder of the store and is not made again.',
    );
  };

  /** Why an answer is none. */
  const refusal = (name: string, status: number, code: string): CogumiError =>
    code === 'NoSuchBucket'
      ? new CogumiError('BUCKET_MISSING', `There is no bucket ${bucket} at ${root}.`, 'Make it, or correct `--bucket`.')
      : new CogumiError(
          'BUCKET_REFUSED',
          `${address} refused ${name} (HTTP ${status} ${code}).`,
          'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION have to be those of a key that may read and write there.',
        );

  return {
    address,
    size: (name) =>
      send('HEAD', name, async (answer) => {
        const status = answer.statusCode ?? 0;
        answer.resume();
        if (status !== 200 && status !== 404) throw refusal(name, status, '');
        return status === 404 ? null : Number(answer.headers['content-length']);
      }),
    get: (name, read) =>
      send('GET', name, async (answer) => {
        if (answer.statusCode === 200) return read(answer);
        const code = codeIn(await text(answer));
        if (answer.statusCode === 404 && code !== 'NoSuchBucket') return null;
        throw refusal(name, answer.statusCode ?? 0, code);
      }),
    putFile: async (name, path, sha256, missing) => {
      const bytes = (await stat(path)).size;
      if (bytes > MOST_BYTES) {
        const hint = 'Build without `--bucket`, with `--store` on a disk that both machines see.';
        throw new CogumiError('BUCKET_LIMIT', `${path} has ${bytes} bytes; S3 takes ${MOST_BYTES} at once.`, hint);
      }
      const read = async (answer: IncomingMessage) => {
        const [status, code] = [answer.statusCode ?? 0, codeIn(await text(answer))];
        // 412: another machine was first. 409: another is putting it now.
        if (![200, 409, 412].includes(status)) throw refusal(name, status, code);
        return status === 200;
      };
      const headers = missing ? { 'if-none-match': '*' } : undefined;
      return send('PUT', name, read, { file: { path, bytes }, sha256, ...(headers && { headers }) });
    },
  };
}

function keysOf(environment: NodeJS.ProcessEnv, address: string): S3Keys {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  if (id && secret) {
    const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
    return { id, secret, region, sessionToken: token ?? null };
  }
  throw new CogumiError(
    'BUCKET_KEY_MISSING',
    `${address} needs a key, and ${id ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'} is not set.`,
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS_ENDPOINT_URL as well for a store of another maker than AWS.',
    { exitCode: EXIT.usage },
  );
}

/** The code in an error of S3, such as `SlowDown`. */
function codeIn(body: string): string {
  return /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? '';
}
