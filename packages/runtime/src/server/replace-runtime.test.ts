import { rm } from 'node:fs/promises';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../runtime.ts';
import { openSample } from '../testing/open-sample.ts';
import { type RunningServer, startServer } from './start-server.ts';

/** Tokens of the answer during which the runtime is replaced. */
const LONG = 50;

/** The same bundle opened again under another digest. */
let folders: string[] = [];
let first: Runtime;
/** Lets the long answer of the first go on. */
let goOn = () => {};
let second: Runtime;
let server: RunningServer;
let client: OpenAI;
beforeAll(async () => {
  const samples = [await openSample(), await openSample()] as const;
  folders = samples.map(({ folder }) => folder);
  const went = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { runtime } = samples[0];
  first = Object.create(runtime, {
    answer: {
      value: async (...given: Parameters<Runtime['answer']>) => {
        const answer = await runtime.answer(...given);
        if (given[0].maxTokens !== LONG) return answer;
        const pieces = (async function* () {
          for await (const piece of answer.pieces) {
            yield piece;
            await went;
          }
        })();
        return { ...answer, pieces };
      },
    },
  }) as Runtime;
  second = Object.create(samples[1].runtime, {
    served: { value: { ...samples[1].runtime.served, digest: `sha256:${'2'.repeat(64)}` } },
    models: { value: samples[1].runtime.models.slice(0, 3) },
  }) as Runtime;
  server = await startServer(first, { port: 0 });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => {
  await server?.close();
  await Promise.all([first?.close(), second?.close()]);
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const digestNow = async () => ((await (await fetch(`${server.url}/health`)).json()) as { digest: string }).digest;

describe('a server whose runtime is replaced', () => {
  it('ends a stream on the old one, answers new requests with the new one, and refuses none meanwhile', async () => {
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'sample', messages, max_tokens: LONG, stream: true })
      .withResponse();
    expect(response.headers.get('x-cogumi-bundle')).toBe(first.served.digest);
    // Requests come all the time.
    const digests: (string | null)[] = [];
    let asking = true;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (asking) {
          const { response: reply } = await client.chat.completions
            .create({ model: 'sample', messages, max_tokens: 2 })
            .withResponse();
          digests.push(reply.headers.get('x-cogumi-bundle'));
        }
      }),
    );
    let over = false;
    const replaced = server.replace(second).then(() => {
      over = true;
    });
    const count = digests.length;
    await expect.poll(() => digests.length).toBeGreaterThan(count + 8);
    // The stream is not over, so neither is the old runtime.
    expect(over).toBe(false);
    goOn();
    const reasons = [];
    for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason);
    expect(reasons.at(-1)).toBe('length');
    await replaced;
    await first.close();
    asking = false;
    await load;
    // Those that were under way ended on the old one.
    expect(new Set(digests.slice(count + 4))).toEqual(new Set([second.served.digest]));
    expect(await digestNow()).toBe(second.served.digest);
  });

  it('lists and describes what the new one serves', async () => {
    expect((await client.models.list()).data).toHaveLength(3);
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { info: { version: string } };
    expect(document.info.version).toBe(second.served.digest);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain(`cogumi_bundle_info{name="sample",digest="${second.served.digest}"} 1`);
    expect(metrics).not.toContain(String(first.served.digest));
    expect(metrics).toContain('cogumi_model_loads_total 2');
  });
});
