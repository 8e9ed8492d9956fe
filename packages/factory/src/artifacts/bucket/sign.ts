import { createHash, createHmac } from 'node:crypto';

export interface S3Keys {
  readonly id: string;
  readonly secret: string;
  readonly sessionToken: string | null;
  readonly region: string;
}

/** SHA-256 of no bytes, for requests without a body. */
export const EMPTY_SHA256 = createHash('sha256').digest('hex');

/**
 * Headers that prove who sends a request, AWS Signature Version 4 in one piece ("Authenticating Requests: Using the Authorization
 * Header", Amazon S3 API Reference). The path has only characters that stand for themselves, and there is no query.
 *
 * @param headers - Further headers, lower-case; they are signed too.
 * @param sha256 - Of the body, in hex.
 */
export function signedHeaders(
  request: { method: string; url: string; headers: Readonly<Record<string, string>>; sha256: string },
  keys: S3Keys,
  now: Date,
): Record<string, string> {
  const { host, pathname } = new URL(request.url);
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${keys.region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    host,
    'x-amz-content-sha256': request.sha256,
    'x-amz-date': time,
    ...(keys.sessionToken !== null && { 'x-amz-security-token': keys.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signed = names.join(';');
  const lines = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join('');
  const canonical = [request.method, pathname, '', lines, signed, request.sha256].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const hmac = (key: string | Buffer, value: string) => createHmac('sha256', key).update(value).digest();
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${keys.secret}`);
  const signature = hmac(key, text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope},SignedHeaders=${signed},Signature=${signature}`;
  const { host: _, ...sent } = headers;
  return { ...sent, authorization };
}
