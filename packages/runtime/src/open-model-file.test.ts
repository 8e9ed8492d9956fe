import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelFile } from './open-model-file.ts';
import type { Runtime } from './runtime.ts';
import { type RunningServer, startServer } from './server/start-server.ts';
import { tinyAdapter, tinyModel } from './testing/tiny-model.ts';

let folder: string;
let runtime: Runtime;
let server: RunningServer;
let client: OpenAI;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model file-'));
  await writeFile(join(folder, 'tiny model.gguf'), await tinyModel());
  await writeFile(join(folder, 'code.gguf'), tinyAdapter(1));
  runtime = await openModelFile(
    join(folder, 'tiny model.gguf'),
    { code: join(folder, 'code.gguf') },
    { contextTokens: 256, threads: 1, sequences: 2 },
  );
  server = await startServer(runtime, { port: 0 });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}, 30_000);
afterAll(async () => {
  await server?.close();
  await runtime?.close();
  await rm(folder, { recursive: true });
});

describe('a model file without a bundle', () => {
  it('is served by its name, and its adapters by theirs', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['tiny-model', 'tiny-model:base', 'tiny-model:code']);
    const ask = (model: string) =>
      client.chat.completions
        .create({ model, messages: [{ role: 'user', content: 'Hello there' }], max_tokens: 12 })
        .withResponse();
    const [whole, base, code] = await Promise.all(data.map(({ id }) => ask(id)));
    expect(whole!.response.headers.get('x-cogumi-route')).toBe('base');
    expect(whole!.response.headers.get('x-cogumi-reason')).toBe('no-router');
    expect(whole!.response.headers.get('x-cogumi-bundle')).toBeNull();
    expect(whole!.data.choices[0]!.message.content).toBe(base!.data.choices[0]!.message.content);
    expect(code!.response.headers.get('x-cogumi-route')).toBe('code');
    expect(code!.data.choices[0]!.message.content).not.toBe(base!.data.choices[0]!.message.content);
  });

  it('tells its health without a digest, and what was measured', async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({
      status: 'ok',
      bundle: 'tiny-model',
      digest: null,
      threads: { token: expect.any(Number), batch: expect.any(Number) },
      mixing: expect.objectContaining({ used: expect.any(Boolean), reason: expect.any(String) }),
      speculation: expect.objectContaining({ used: expect.any(Boolean), reason: expect.any(String) }),
    });
  });

  it('refuses adapters that cannot be named, or do not fit', async () => {
    const path = join(folder, 'tiny model.gguf');
    for (const name of ['base', 'a b', '', 'x'.repeat(65), 'a:b', '..', '__proto__']) {
      await expect(openModelFile(path, { [name]: 'x.gguf' })).rejects.toMatchObject({ code: 'ADAPTER_NAME' });
    }
    await expect(openModelFile(path, { whole: path })).rejects.toMatchObject({ code: 'ADAPTER_MISMATCH' });
  });
});
