import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
});
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
      unmeasured: expect.any(Array),
    });
  });

  it('takes a draft model, says what was measured of it, and answers the same', async () => {
    const path = join(folder, 'tiny model.gguf');
    const options = { contextTokens: 128, threads: 1, sequences: 1 };
    const opened = await openModelFile(path, {}, { ...options, draft: path });
    await expect.poll(async () => (await opened.statistics())?.unmeasured).toEqual([]);
    const { speculation } = opened.measured!;
    if (speculation.used) expect(speculation.draft?.reason).toMatch(/^a pass of the draft model takes/);
    expect(opened.load.need.weights).toBe(2 * runtime.load.need.weights);
    const answerOf = async (from: Runtime) => {
      const { pieces } = await from.answer({ prompt: 'Hello there', route: 'base', maxTokens: 12, temperature: 0 });
      let text = '';
      for await (const piece of pieces) if (piece.kind === 'text') text += piece.text;
      return text;
    };
    expect(await answerOf(opened)).toBe(await answerOf(runtime));
    await opened.close();
  });

  it('refuses adapters that cannot be named, or do not fit', async () => {
    const path = join(folder, 'tiny model.gguf');
    for (const name of ['base', 'a b', '', 'x'.repeat(65), 'a:b', '..', '__proto__']) {
      await expect(openModelFile(path, { [name]: 'x.gguf' })).rejects.toMatchObject({ code: 'ADAPTER_NAME' });
    }
    await expect(openModelFile(path, { whole: path })).rejects.toMatchObject({ code: 'ADAPTER_MISMATCH' });
  });

  it('refuses an adapter of another base with both digests, and notes one that names none', async () => {
    const path = join(folder, 'tiny model.gguf');
    const digest = `sha256:${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
    const other = `sha256:${'0'.repeat(64)}`;
    const [own, foreign] = [join(folder, 'own.gguf'), join(folder, 'foreign.gguf')];
    await writeFile(own, tinyAdapter(1, digest));
    await writeFile(foreign, tinyAdapter(1, other));
    const options = { contextTokens: 64, threads: 1, sequences: 1, cache: folder };
    // The second time the digest comes from the cache, and holds for the file as it is now.
    for (let time = 0; time < 2; time++) {
      await expect(openModelFile(path, { own, foreign }, options)).rejects.toMatchObject({
        code: 'ADAPTER_BASE',
        message: `Adapter "foreign" (${foreign}) was trained on the base ${other}; ${path} is ${digest}.`,
      });
    }
    const opened = await openModelFile(path, { own, code: join(folder, 'code.gguf') }, options);
    expect(opened.notes).toEqual(['code does not name the base that it was trained on: only shapes were compared']);
    await opened.close();
    const changed = join(folder, 'changed.gguf');
    await writeFile(changed, Buffer.concat([await readFile(path), Buffer.alloc(32)]));
    await expect(openModelFile(changed, { own }, options)).rejects.toMatchObject({ code: 'ADAPTER_BASE' });
  });

  it('loads more adapters than memory holds one after the other, and counts them', async () => {
    // Three pairs of 4 × 8 floats of 32 bits.
    const bytes = 3 * 2 * 32 * 4;
    const adapters: Record<string, string> = {};
    for (const seed of [1, 2, 3]) {
      adapters[`a${seed}`] = join(folder, `a${seed}.gguf`);
      await writeFile(adapters[`a${seed}`] as string, tinyAdapter(seed));
    }
    const path = join(folder, 'tiny model.gguf');
    const options = { contextTokens: 256, threads: 1, sequences: 2 };
    const small = await openModelFile(path, adapters, { ...options, adapterMemory: bytes });
    const running = await startServer(small, { port: 0 });
    try {
      expect(small.load).toMatchObject({ adapterMemory: bytes, need: { adapters: 2 * bytes } });
      const texts = async (url: string, names: readonly string[]) => {
        const asked = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
        const all = names.map((name) =>
          asked.completions.create({ model: `tiny-model:${name}`, prompt: 'Hello there', max_tokens: 8 }),
        );
        return (await Promise.all(all)).map(({ choices }) => choices[0]?.text);
      };
      const names = ['a1', 'a2', 'a3', 'a1', 'base', 'a2'];
      const got = await texts(running.url, names);
      expect(got[0]).toBe(got[3]);
      expect(new Set(got).size).toBe(4);
      expect(got[0]).toBe((await texts(server.url, ['code']))[0]);
      const { mixing, ...statistics } = (await small.statistics()) ?? {};
      expect(statistics).toMatchObject({ adapters: 1, adapterBytes: bytes });
      const metrics = await (await fetch(`${running.url}/metrics`)).text();
      expect(metrics).toContain('cogumi_adapters_loaded 1\n');
      expect(Number(/cogumi_adapter_loads_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(2);
      expect(await (await fetch(`${running.url}/health`)).json()).toMatchObject({ status: 'ok', mixing });
    } finally {
      await running.close(0);
      await small.close();
    }
  });
});
