import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '@cogumi/pure/testing';
import { expect, it } from 'vitest';
import { fetchReply } from './fetch-reply.ts';

it('has the whole reply of a server that closes before it is read, and does not end the process', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 2 ** 16, connection: 'close' }).write(Buffer.alloc(2 ** 16));
    response.end();
  });
  try {
    const reply = await fetchReply(server.url, {});
    await wait(300);
    expect((await reply.arrayBuffer()).byteLength).toBe(2 ** 16);
  } finally {
    await server.close();
  }
});
