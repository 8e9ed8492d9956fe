/**
 * A server before a real llama-server: the same answers as where it generates itself. Skipped where there is none: type
 * `node benchmarks/serving/build-llama-tools.mjs`, or set COGUMI_LLAMA_SERVER.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomAdapter } from '../../benchmarks/adapters/random-adapters.ts';
import { freePorts } from '../../packages/pure/src/process/free-ports.ts';
import { openModelFile } from '../../packages/runtime/src/open-model-file.ts';
import type { Runtime } from '../../packages/runtime/src/runtime.ts';
import { type RunningServer, startServer } from '../../packages/runtime/src/server/start-server.ts';
import { fetchModel } from '../fetch-model.ts';
import { ROOT } from '../start-cogumi.ts';

const PROGRAM = process.env.COGUMI_LLAMA_SERVER ?? join(ROOT, '.cache/llama-tools/build/llama-server');
const MODEL = join(ROOT, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const NAME = 'SmolLM2-135M-Instruct.Q4_1';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-upstream-'));
const ports: number[] = [];
const children: ChildProcess[] = [];
const opened: { runtime: Runtime; server: RunningServer }[] = [];

async function startLlamaServer(port: number, adapter: string): Promise<void> {
  const args = [
    '-m',
    MODEL,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '-c',
    '2048',
    '-np',
    '2',
    '-t',
    '1',
    '-tb',
    '1',
  ];
  args.push('--lora', adapter, '--lora-init-without-apply', '--slots');
  const child = spawn(PROGRAM, args, { stdio: 'ignore' });
  children.push(child);
  // The hook's limit ends it.
  while ((await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.status !== 200) {
    if (child.exitCode !== null) throw new Error(`llama-server ended with ${child.exitCode}`);
    await setTimeout(200);
  }
}

/** Serves the model; with upstream they generate. */
async function serve(adapter: string, urls: readonly string[]): Promise<OpenAI> {
  const options = { contextTokens: 1024, threads: 1, sequences: 2, cache: folder };
  const upstream = urls.length === 0 ? {} : { upstream: { urls, key: null } };
  const runtime = await openModelFile(MODEL, { code: adapter }, { ...options, ...upstream });
  const server = await startServer(runtime, { port: 0 });
  opened.push({ runtime, server });
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

afterAll(async () => {
  for (const { runtime, server } of opened) {
    await server.close(0);
    await runtime.close();
  }
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!existsSync(PROGRAM))('a server before llama-server', { timeout: 300_000 }, () => {
  let own: OpenAI;
  let front: OpenAI;
  beforeAll(async () => {
    await fetchModel('smollm2');
    const adapter = join(folder, 'code.gguf');
    writeFileSync(adapter, await randomAdapter(MODEL, 8, 1));
    ports.push(...(await freePorts(2)));
    for (const port of ports) await startLlamaServer(port, adapter);
    own = await serve(adapter, []);
    front = await serve(
      adapter,
      ports.map((port) => `http://127.0.0.1:${port}/v1`),
    );
  }, 600_000);

  const chat = (model: string) => ({
    model: `${NAME}:${model}`,
    messages: [{ role: 'user' as const, content: 'Name three colours of the rainbow.' }],
    max_tokens: 24,
    temperature: 0,
  });

  it('answers as where the model generates here: chat, streams, texts, embeddings, of the base and of an adapter', async () => {
    const texts = new Set<string>();
    for (const model of ['base', 'code']) {
      const [here, there] = [
        await own.chat.completions.create(chat(model)),
        await front.chat.completions.create(chat(model)),
      ];
      const text = there.choices[0]?.message.content as string;
      expect(text).toBe(here.choices[0]?.message.content);
      expect(there.usage).toMatchObject({
        prompt_tokens: here.usage?.prompt_tokens as number,
        completion_tokens: here.usage?.completion_tokens as number,
      });
      let streamed = '';
      for await (const chunk of await front.chat.completions.create({ ...chat(model), stream: true })) {
        streamed += chunk.choices[0]?.delta.content ?? '';
      }
      expect(streamed).toBe(text);
      texts.add(text);
    }
    expect(texts.size).toBe(2);
    const continued = { model: `${NAME}:base`, prompt: 'The sky is', max_tokens: 12, temperature: 0 };
    const [here, there] = [await own.completions.create(continued), await front.completions.create(continued)];
    expect(there.choices[0]?.text).toBe(here.choices[0]?.text);
    const vectors = await Promise.all(
      [own, front].map((client) => client.embeddings.create({ model: NAME, input: 'The sky' })),
    );
    expect(vectors[1]?.data[0]?.embedding).toEqual(vectors[0]?.data[0]?.embedding);
  });

  it('demands calls and holds formats by its grammar, and refuses by name what it cannot pass on', async () => {
    const weather = {
      type: 'function' as const,
      function: {
        name: 'weather',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string', maxLength: 20 } },
          required: ['city'],
          additionalProperties: false,
        },
      },
    };
    const called = await front.chat.completions.create({
      ...chat('base'),
      max_tokens: 100,
      tools: [weather],
      tool_choice: 'required',
    });
    const [call] = called.choices[0]?.message.tool_calls ?? [];
    expect(call?.type === 'function' && call.function.name).toBe('weather');
    expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({ city: expect.any(String) });
    const formed = await front.chat.completions.create({
      ...chat('code'),
      max_tokens: 100,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'colour',
          schema: {
            type: 'object',
            properties: { sure: { type: 'boolean' } },
            required: ['sure'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(formed.choices[0]?.message.content ?? '')).toEqual({ sure: expect.any(Boolean) });
    await expect(front.chat.completions.create({ ...chat('base'), logprobs: true })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
    });
  });

  it('frees the slot of a client that hangs up', async () => {
    const long = { ...chat('base'), max_tokens: 900, logit_bias: { '2': -100 }, stream: true as const };
    const slotsOf = async (port: number) =>
      (await (await fetch(`http://127.0.0.1:${port}/slots`)).json()) as { is_processing: boolean }[];
    const busy = async () => (await Promise.all(ports.map(slotsOf))).flat().filter((slot) => slot.is_processing).length;
    const seconds = async (leaves: boolean) => {
      const began = performance.now();
      for await (const _ of await front.chat.completions.create(long)) {
        if (!leaves) continue;
        expect(await busy()).toBe(1);
        break;
      }
      await expect.poll(busy, { timeout: 60_000 }).toBe(0);
      return (performance.now() - began) / 1000;
    };
    const whole = await seconds(false);
    // The slot is free long before the answer would have ended.
    expect(await seconds(true)).toBeLessThan(whole / 3);
  });

  it('goes on when one of two is killed', async () => {
    const [killed] = children as [ChildProcess];
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => front.chat.completions.create({ ...chat('base'), max_tokens: 4 })),
    );
    expect(new Set(answers.map(({ choices }) => choices[0]?.message.content)).size).toBe(1);
  });
});
