import { describe, expect, it } from 'vitest';
import { type Endpoint, toEndpoint } from './endpoint.ts';
import { kindOf, readErrorBody, toErrorBody } from './error-body.ts';
import { clip, connectionFailure } from './failure.ts';

const kind = (status: number | null, body: object | string) =>
  kindOf(status, readErrorBody(typeof body === 'string' ? body : JSON.stringify(body)));

describe('what an error means', () => {
  it.each([
    [401, { error: { message: 'Incorrect API key', code: 'invalid_api_key' } }, 'unauthorized'],
    [403, { error: { code: 403, message: 'key disabled' } }, 'unauthorized'],
    [403, { error: { code: 403, message: 'flagged', metadata: { reasons: ['violence'] } } }, 'bad-request'],
    [404, { error: { message: "model 'x' not found, try pulling it first", type: 'api_error' } }, 'model-not-found'],
    [400, { error: { message: 'gone', code: 'model_decommissioned' } }, 'model-not-found'],
    [402, { error: { message: 'Insufficient Balance', code: 'invalid_request_error' } }, 'no-funds'],
    [429, { error: { message: 'quota', type: 'insufficient_quota', code: 'insufficient_quota' } }, 'no-funds'],
    [429, { error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [
      429,
      { type: 'error', error: { type: 'rate_limit_error', details: { error_code: 'contract_spend_limit_reached' } } },
      'no-funds',
    ],
    [
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'Your credit balance is too low to access the Anthropic API.',
        },
      },
      'no-funds',
    ],
    [400, { detail: 'max_tokens is too large' }, 'bad-request'],
    [413, 'too large', 'bad-request'],
    [409, {}, 'server-error'],
    [500, '<html>', 'server-error'],
    [503, {}, 'overloaded'],
    [null, { error: { type: 'overloaded_error' } }, 'overloaded'],
    [null, { error: { code: 'batch_expired', message: '' } }, 'expired'],
    [null, { error: 'words' }, 'server-error'],
    // Names of object properties.
    [400, { error: { code: 'constructor' } }, 'bad-request'],
    [500, { error: { code: '__proto__', type: 'toString' } }, 'server-error'],
    [null, { error: { code: 'valueOf', type: '__proto__' } }, 'server-error'],
  ])('%s %j is %s', (status, body, expected) => {
    expect(kind(status, body)).toBe(expected);
  });

  it('is read from a nested object of any depth', () => {
    expect(toErrorBody({ detail: [{ loc: ['body', 'messages'], msg: 'Field required' }] }).message).toBe(
      '[{"loc":["body","messages"],"msg":"Field required"}]',
    );
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(toErrorBody({ error: { message: deep } }).message).toContain('[[');
  });

  it('is shown as one printable line of 200 characters, without the key', () => {
    expect(clip('a\u0000b\n\u202ec  sk-9', { key: 'sk-9' })).toBe('a b c [key]');
    expect(Array.from(clip('😀'.repeat(300), { key: null }))).toHaveLength(200);
  });
});

describe('a request without a reply', () => {
  const endpoint: Endpoint = toEndpoint({
    provider: 'some',
    baseUrl: 'https://host/v1',
    key: null,
    keyVariable: null,
    urlVariable: null,
  });
  const failed = (code: string, syscall?: string) => {
    const cause = Object.assign(new Error(code), { code }, syscall && { syscall });
    return connectionFailure(endpoint, new Error('around it', { cause }));
  };

  it.each([
    ['ECONNREFUSED', 'connect', 'nothing'],
    ['ENOTFOUND', 'getaddrinfo', 'nothing'],
    ['ETIMEDOUT', 'connect', 'nothing'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'nothing'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, 'nothing'],
    ['ETIMEDOUT', 'read', 'unknown'],
    ['ECONNRESET', 'read', 'unknown'],
    ['EPIPE', 'write', 'unknown'],
  ])('%s in %s may have cost %s', (code, syscall, charged) => {
    expect(failed(code, syscall)).toMatchObject({ kind: 'unreachable', charged });
  });

  it('may have thrown something that is no error', () => {
    expect(connectionFailure(endpoint, 'no error at all')).toMatchObject({ kind: 'unreachable', charged: 'unknown' });
  });
});
