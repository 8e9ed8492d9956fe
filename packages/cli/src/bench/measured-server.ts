import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import { treeMemoryBytes } from '@cogumi/pure';
import { freePorts, startServerProcess } from '@cogumi/pure/process';
import { COMMAND } from '../command.ts';

/** A server in a process of its own, so that it shares no event loop with the client that measures it. */
export interface MeasuredServer {
  readonly url: string;
  /** Resident bytes of its processes; null where the system does not say. */
  memoryBytes(): number | null;
  close(): Promise<void>;
}

/** What both servers are started with. */
export interface ServerSettings {
  /** Path of the GGUF file. */
  readonly model: string;
  readonly threads: number;
  /** Answers side by side. */
  readonly sequences: number;
  /** Most tokens of one of them. */
  readonly contextTokens: number;
  readonly kvCache: string;
}

/** A model of 10 GB is read at 100 MB/s (chosen). */
const START_MS = 120_000;
const POLL_MS = 20;
/** Our server lets running answers end for 10 s. */
const CLOSE_MS = 12_000;

/** Starts `cogumi serve`. @throws CogumiError BENCH_SERVER */
export async function startCogumi(settings: ServerSettings, log: string): Promise<MeasuredServer> {
  const { model, threads, sequences, contextTokens, kvCache } = settings;
  const [program, ...before] = COMMAND;
  const options = {
    port: 0,
    threads,
    sequences,
    context: contextTokens,
    'kv-cache': kvCache,
    // Random prompts end in texts that repeat themselves: drafts would show a speed that no user sees.
    speculate: 'off',
    'max-requests': sequences,
  };
  const args = [...before, 'serve', model, '--json', ...flags(options)];
  // A key that the user keeps for his own servers is none of this one's.
  const { COGUMI_API_KEY: _, ...env } = process.env;
  return start('cogumi serve', program as string, args, log, env, async (stdout) => {
    for await (const line of createInterface({ input: stdout })) {
      const { url, error } = JSON.parse(line) as { url?: string; error?: { code: string; message: string } };
      if (url === undefined) throw new Error(error ? `${error.code}: ${error.message}` : line);
      stdout.resume();
      return url;
    }
    throw new Error('it said nothing');
  });
}

/** Starts llama.cpp's server on the same file. @throws CogumiError BENCH_SERVER */
export async function startLlamaServer(
  program: string,
  settings: ServerSettings,
  log: string,
): Promise<MeasuredServer> {
  const { model, threads, sequences, contextTokens, kvCache } = settings;
  const port = (await freePorts(1))[0]!;
  const options = {
    model,
    port,
    threads,
    parallel: sequences,
    'ctx-size': sequences * contextTokens,
    'cache-type-k': kvCache,
    'cache-type-v': kvCache,
  };
  return start('llama-server', program, flags(options), log, process.env, async (stdout) => {
    stdout.resume();
    const url = `http://127.0.0.1:${port}`;
    for (;;) {
      const reply = await fetch(`${url}/health`).catch(() => null);
      await reply?.body?.cancel();
      if (reply?.ok) return url;
      await sleep(POLL_MS);
    }
  });
}

function flags(options: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

async function start(
  name: string,
  program: string,
  args: readonly string[],
  log: string,
  env: NodeJS.ProcessEnv,
  ready: (stdout: Readable) => Promise<string>,
): Promise<MeasuredServer> {
  const failure = (cause: unknown) =>
    new CogumiError(
      'BENCH_SERVER',
      `${name} did not start: ${(cause instanceof Error ? cause.message : String(cause)).replace(/\.+$/, '')}.`,
      `Its log may say why: ${log}`,
      { cause },
    );
  const { pid, stdout, ended, close } = startServerProcess(program, args, { log, env, closeMs: CLOSE_MS });
  const giveUp = new AbortController();
  try {
    const url = await Promise.race([
      ready(stdout),
      ended.then(({ how, cause }) => Promise.reject(cause ?? new Error(`it ${how}`))),
      sleep(START_MS, null, { signal: giveUp.signal, ref: false }).then(() =>
        Promise.reject(new Error(`it was not ready after ${START_MS / 1000} s`)),
      ),
    ]);
    return { url, memoryBytes: () => treeMemoryBytes(pid as number), close };
  } catch (error) {
    await close();
    throw failure(error);
  } finally {
    giveUp.abort();
  }
}
