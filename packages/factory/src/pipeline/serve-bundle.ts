import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CogumiError } from '@cogumi/contracts';
import { z } from 'zod';
import type { ServedBundle } from '../stage/context.ts';

/** First line of `cogumi serve --json`. */
const Started = z.object({ url: z.string(), digest: z.string() });
const Chat = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });
/** Longest answer that is waited for in a proof. */
const MOST_TOKENS = 96;
const START_MS = 60_000;

/** Starts `cogumi serve` on a free port of this machine and asks it over HTTP. */
export async function serveBundle(
  [program, ...before]: readonly string[],
  path: string,
  logFolder: string,
  signal: AbortSignal,
): Promise<ServedBundle> {
  const log = join(logFolder, 'serve.log');
  const child = spawn(program as string, [...before, 'serve', path, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
    signal,
  });
  child.on('error', () => undefined);
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<void>();
  child.on('exit', () => tellEnd());
  const first = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as Readable }).once('line', resolve);
    ended.then(() =>
      reject(
        new CogumiError('SERVE', `The bundle's server ended before it was ready. Log: ${log}`, 'The log says why.'),
      ),
    );
    setTimeout(
      () => reject(new CogumiError('SERVE', `The bundle's server was not ready after ${START_MS} ms.`, `Log: ${log}`)),
      START_MS,
    ).unref();
  });
  const { url, digest } = Started.parse(JSON.parse(await first));
  return {
    digest,
    ask: async (question) => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          messages: [{ role: 'user', content: question }],
          temperature: 0,
          max_tokens: MOST_TOKENS,
        }),
        signal,
      });
      const text = await response.text();
      if (!response.ok)
        throw new CogumiError(
          'SERVE',
          `The bundle's server answered ${response.status}: ${text.slice(0, 200)}`,
          `Log: ${log}`,
        );
      const [choice] = Chat.parse(JSON.parse(text)).choices;
      return { answer: choice?.message.content ?? '', route: response.headers.get('x-cogumi-route') ?? 'unknown' };
    },
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
