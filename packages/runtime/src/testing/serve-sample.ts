import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import OpenAI from 'openai';
import type { Runtime } from '../runtime.ts';
import { type RunningServer, type ServerOptions, startServer } from '../server/start-server.ts';
import { openSample } from './open-sample.ts';

export interface ServedSample {
  readonly folder: string;
  readonly runtime: Runtime;
  readonly server: RunningServer;
  /** The official client, without retries. */
  readonly client: OpenAI;
  /** Waits until all is measured, which empties the prefix cache whenever nothing was asked for a quarter of a second. */
  measured(): Promise<void>;
  close(): Promise<void>;
}

/** Serves the sample bundle on a free port. */
export async function serveSample(
  options: { contextTokens?: number } = {},
  limits: ServerOptions = {},
): Promise<ServedSample> {
  const { folder, runtime } = await openSample(options);
  const server = await startServer(runtime, { ...limits, port: 0 });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const measured = async () => {
    while ((await runtime.statistics())?.unmeasured.length !== 0) await setTimeout(20);
  };
  const close = async () => {
    await server.close();
    await runtime.close();
    await rm(folder, { recursive: true });
  };
  return { folder, runtime, server, client, measured, close };
}
