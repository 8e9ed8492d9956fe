import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A server that keeps objects as S3 does, as far as the store asks it. */
export interface S3Server {
  readonly environment: Record<string, string>;
  readonly objects: Map<string, Buffer>;
  /** `PUT /bucket/name` of every request, in their order. */
  readonly requests: string[];
  /** How many of the next requests are answered with 503 SlowDown. */
  busy: number;
  /** How many of the next bodies break off half-way. */
  torn: number;
  close(): void;
}

export async function startS3Server(bucket: string): Promise<S3Server> {
  const objects: S3Server['objects'] = new Map();
  const requests: string[] = [];
  const error = (code: string) => `<Error><Code>${code}</Code></Error>`;
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push(`${method} ${url}`);
    const body = await buffer(request);
    const name = decodeURIComponent(url.slice(1));
    if (s3.busy > 0) {
      s3.busy--;
      return response.writeHead(503).end(error('SlowDown'));
    }
    if (!/^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-south-1\/s3\/aws4_request/.test(headers.authorization ?? '')) {
      return response.writeHead(403).end(error('InvalidAccessKeyId'));
    }
    if (!name.startsWith(`${bucket}/`)) return response.writeHead(404).end(error('NoSuchBucket'));
    const held = objects.get(name);
    if (method === 'PUT') {
      const digest = createHash('sha256').update(body).digest('hex');
      if (headers['x-amz-content-sha256'] !== digest) {
        return response.writeHead(400).end(error('XAmzContentSHA256Mismatch'));
      }
      if (headers['if-none-match'] === '*' && held) return response.writeHead(412).end(error('PreconditionFailed'));
      objects.set(name, body);
      return response.writeHead(200).end();
    }
    if (!held) return response.writeHead(404).end(error('NoSuchKey'));
    response.writeHead(200, { 'content-length': held.length });
    if (method === 'HEAD') return response.end();
    if (s3.torn > 0 && held.length > 1) {
      s3.torn--;
      response.write(held.subarray(0, held.length >> 1), () => response.destroy());
      return;
    }
    response.end(held);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const s3: S3Server = {
    objects,
    requests,
    busy: 0,
    torn: 0,
    environment: {
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-south-1',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return s3;
}
