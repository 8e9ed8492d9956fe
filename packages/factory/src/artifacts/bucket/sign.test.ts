import { expect, it } from 'vitest';
import { EMPTY_SHA256, signedHeaders } from './sign.ts';

/** The examples of "Authenticating Requests: Using the Authorization Header", Amazon S3 API Reference. */
const KEYS = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', sessionToken: null };
const NOW = new Date('2013-05-24T00:00:00Z');

it.each([
  ['GET', '/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
] as const)('signs %s %s as the examples of Amazon do', (method, path, headers, signature) => {
  const url = `https://examplebucket.s3.amazonaws.com${path}`;
  const signed = signedHeaders({ method, url, headers, sha256: EMPTY_SHA256 }, { ...KEYS, region: 'us-east-1' }, NOW);
  expect(signed).toMatchObject({ ...headers, 'x-amz-date': '20130524T000000Z' });
  expect(signed.authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
      `SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
  );
});

it('signs the token of a session', () => {
  const keys = { ...KEYS, region: 'us-east-1', sessionToken: 'token' };
  const signed = signedHeaders({ method: 'GET', url: 'http://h/x', headers: {}, sha256: EMPTY_SHA256 }, keys, NOW);
  expect(signed['x-amz-security-token']).toBe('token');
  expect(signed.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,');
});
