import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CogumiError, type Message } from '@cogumi/contracts';
import { startServerProcess } from '@cogumi/pure/process';
import { z } from 'zod';
import type { ServedBundle } from '../../stages/context.ts';

/** First line of `cogumi serve --json`; why it cannot serve comes the same way. */
const Started = z.union([
  z.object({ url: z.string(), digest: z.string() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
]);
const Chat = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });
/** Longest answer that is waited for in a proof. */
const MOST_TOKENS = 96;

/** How long the server may take before it counts as hung (chosen); a server that has ended is noticed at once. */
const PATIENCE = {
  /** 10 GB are hashed twice and written once at 100 MB/s. */
  startMs: 300_000,
  /** 96 tokens at one in three seconds. */
  askMs: 300_000,
  /** The server lets running answers end for 10 s. */
  closeMs: 15_000,
};

/**
 * Starts `cogumi serve` on a free port of this machine and asks it over HTTP. It unpacks into `logFolder`, which is clean
 * of that again when it has closed.
 *
 * @throws CogumiError SERVE when it does not start, does not answer or answers something else; the signal's reason.
 */
export async function serveBundle(
  [program, ...before]: readonly string[],
  path: string,
  logFolder: string,
  signal: AbortSignal,
  { startMs, askMs, closeMs }: typeof PATIENCE = PATIENCE,
): Promise<ServedBundle> {
  signal.throwIfAborted();
  const log = join(logFolder, 'serve.log');
  const cache = join(logFolder, 'serve-cache');
  const failure = (message: string, cause?: unknown) =>
    new CogumiError('SERVE', `The bundle's server ${message}`, `Its log may say why: ${log}`, { cause });
  // A key and a collector of spans that the user keeps for his own servers are none of this one's.
  const { COGUMI_API_KEY: _, ...rest } = process.env;
  const env = { ...rest, OTEL_SDK_DISABLED: 'true' };
  const args = [...before, 'serve', path, '--port', '0', '--json', '--cache', cache];
  const server = startServerProcess(program as string, args, { log, env, closeMs });
  const ended = server.ended.then(({ how, cause }) => failure(`${how}.`, cause));
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= (async () => {
      await server.close();
      signal.removeEventListener('abort', onAbort);
      await rm(cache, { recursive: true, force: true });
    })();
    return closing;
  };
  const onAbort = () => void close().catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });

  try {
    const first = await firstLine(server.stdout, ended, startMs, failure);
    const started = parseAs(Started, first, failure);
    if ('error' in started) throw failure(`does not serve: ${started.error.code}: ${started.error.message}`);
    const { url, digest } = started;
    return {
      digest,
      close,
      ask: (messages) => ask(url, messages, AbortSignal.any([signal, AbortSignal.timeout(askMs)])),
    };
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw error;
  }

  async function ask(url: string, messages: readonly Message[], until: AbortSignal) {
    const body = { messages, temperature: 0, max_tokens: MOST_TOKENS };
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: until,
      });
      text = await response.text();
    } catch (cause) {
      signal.throwIfAborted();
      throw failure(until.aborted ? `gave no answer within ${askMs} ms.` : 'cannot be reached.', cause);
    }
    if (!response.ok) throw failure(`answered ${response.status}: ${text.slice(0, 200)}`);
    const [choice] = parseAs(Chat, text, failure).choices;
    return { answer: choice?.message.content ?? '', route: response.headers.get('x-cogumi-route') ?? 'unknown' };
  }
}

type Failure = (message: string, cause?: unknown) => CogumiError;

async function firstLine(stdout: Readable, ended: Promise<CogumiError>, startMs: number, failure: Failure) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const late = setTimeout(() => reject(failure(`was not ready after ${startMs} ms.`)), startMs);
  // Goes on reading after the first line, so that the server never waits for somebody to take its words.
  createInterface({ input: stdout }).once('line', resolve);
  ended.then(reject);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}

function parseAs<Schema extends z.ZodType>(schema: Schema, text: string, failure: Failure): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw failure(`gave an unexpected reply: ${text.slice(0, 200)}`, cause);
  }
}
