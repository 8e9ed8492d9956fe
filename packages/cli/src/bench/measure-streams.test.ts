import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRandom } from '@cogumi/pure';
import { expect, it, onTestFinished } from 'vitest';
import { measureStreams } from './measure-streams.ts';

/** A server that streams four tokens, all of them at once or the first one before the others. */
async function measured(together: boolean) {
  const server = createServer(async (_request, response) => {
    const token = `data: ${JSON.stringify({ choices: [{ index: 0, text: 'a' }] })}\n\n`;
    const usage = `data: ${JSON.stringify({ choices: [], usage: { completion_tokens: 4 } })}\n\ndata: [DONE]\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (together) return void response.end(token.repeat(4) + usage);
    response.write(token);
    setTimeout(() => response.end(token.repeat(3) + usage), 200);
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const load = { promptTokens: 3, answerTokens: 4, vocabularySize: 100, endTokens: [] };
  return measureStreams(url, 2, load, createRandom('streams'), AbortSignal.timeout(60_000));
}

it('tells the speed behind the first token, and none where all tokens came at once', async () => {
  const { streamTokensPerSecond, tokensPerSecond } = await measured(false);
  expect(streamTokensPerSecond).toBeGreaterThan(0);
  expect(streamTokensPerSecond).toBeLessThan(3 / 0.15);
  expect(tokensPerSecond).toBeGreaterThan(0);
  expect((await measured(true)).streamTokensPerSecond).toBeNull();
});
