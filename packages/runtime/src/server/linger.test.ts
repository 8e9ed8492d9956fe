import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import type { ConnectionLimits } from './create-server.ts';
import { startServer } from './start-server.ts';

let sample: ServedSample;
beforeAll(async () => {
  sample = await serveSample();
});
afterAll(() => sample?.close());

const MIB = 2 ** 20;
const head = (length: string) =>
  `POST /tokenize HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n${length}\r\n\r\n`;
const CHUNK = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 0x20), Buffer.from('\r\n')]);

/**
 * Writes a head and then pieces, and reads only when all are written, as simple clients do.
 *
 * @param drips - It does not end its side when the server has, but goes on a byte at a time.
 * @returns What came before the connection was closed, and the error of the connection.
 */
function send(url: string, first: string, pieces: readonly (Buffer | string)[], drips = false) {
  const { hostname, port } = new URL(url);
  return new Promise<{ text: string; error: string | null }>((resolve) => {
    let [text, error] = ['', null as string | null];
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.on('error', (cause) => (error = String(Reflect.get(cause, 'code'))));
    socket.on('close', () => resolve({ text, error }));
    const written = (data: Buffer | string) => new Promise<void>((done) => socket.write(data, () => done()));
    void (async () => {
      for (const piece of [first, ...pieces]) await written(piece);
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('end', () => {
        if (!drips) return void socket.end();
        // Until it is cut off.
        const drip = setInterval(() => socket.write(' '), 50);
        socket.once('close', () => clearInterval(drip));
      });
    })();
  });
}

async function withServer(limits: Partial<ConnectionLimits>, test: (url: string) => Promise<void>) {
  const server = await startServer(sample.runtime, { port: 0, connections: limits });
  try {
    await test(server.url);
  } finally {
    await server.close(0);
  }
}

describe('a client whose body is refused while it still writes', () => {
  it('gets its 413 when it has written all, however large, and the connection is closed', async () => {
    await withServer({}, async (url) => {
      for (let time = 0; time < 5; time++) {
        for (const [length, pieces] of [
          [`content-length: ${8 * MIB}`, Array(8).fill(Buffer.alloc(MIB, 0x20))],
          ['transfer-encoding: chunked', [...Array(8).fill(CHUNK), '0\r\n\r\n']],
        ] as const) {
          const { text, error } = await send(url, head(length), pieces);
          expect({ status: text.slice(0, 12), error }, length).toEqual({ status: 'HTTP/1.1 413', error: null });
          expect(text).toContain('"code":"body_too_large"');
        }
      }
      // A client that has sent all gets the usual end.
      const body = '{"content": "Hi"}';
      const close = `content-length: ${body.length}\r\nconnection: close`;
      expect((await send(url, head(close), [body])).text).toContain('HTTP/1.1 200');
    });
  });

  it('is waited for no longer than the limits: one that drips, and one that floods', async () => {
    await withServer({ lingerMs: 300 }, async (url) => {
      const dripping = await send(url, head(`content-length: ${8 * MIB}`), [Buffer.alloc(2 * MIB, 0x20)], true);
      expect(dripping.text).toContain('HTTP/1.1 413');
    });
    await withServer({ lingerMs: 60_000, lingerBytes: 4 * MIB }, async (url) => {
      const flood = await send(url, head('transfer-encoding: chunked'), Array(64).fill(CHUNK));
      expect(flood.error).not.toBeNull();
    });
  });
});
