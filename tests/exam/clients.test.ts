/**
 * Clients that people use, unmodified: OpenAI's Python library, the Vercel AI SDK and LangChain.js, over every endpoint that they speak.
 * The model has random weights, so calls and formats are what the grammar makes. Clients are installed into a folder of their own;
 * `openai` and `@anthropic-ai/sdk` for Node are tested beside the server.
 */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../packages/runtime/src/open-model-file.ts';
import type { Runtime } from '../../packages/runtime/src/runtime.ts';
import { type RunningServer, startServer } from '../../packages/runtime/src/server/start-server.ts';
import { tinyModel } from '../../packages/runtime/src/testing/tiny-model.ts';
import { ROOT } from '../start-cogumi.ts';

const PACKAGES = [
  'ai@7.0.173',
  '@ai-sdk/openai-compatible@3.0.92',
  '@ai-sdk/openai@4.0.118',
  '@langchain/core@1.4.0',
  '@langchain/openai@1.6.0',
  'zod@4.6.7',
];
const PYTHON = 'openai==3.57.0';
const folder = join(ROOT, '.cache/clients');
const python = join(folder, 'python/bin/python');
const model = mkdtempSync(join(tmpdir(), 'cogumi-clients-'));

function install(): void {
  // Raised versions are installed anew.
  const wanted = [...PACKAGES, PYTHON].join('\n');
  if (existsSync(join(folder, 'ready')) && readFileSync(join(folder, 'ready'), 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
  execFileSync('npm', ['install', ...quiet, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  execFileSync(join(ROOT, '.venv/bin/python'), ['-m', 'venv', join(folder, 'python')]);
  execFileSync(python, ['-m', 'pip', 'install', '-q', PYTHON], { stdio: 'inherit' });
  writeFileSync(join(folder, 'ready'), wanted);
}

let runtime: Runtime;
let server: RunningServer;
beforeAll(async () => {
  install();
  const path = join(model, 'tiny.gguf');
  writeFileSync(path, await tinyModel());
  runtime = await openModelFile(path, {}, { contextTokens: 2048, threads: 1, sequences: 2 });
  server = await startServer(runtime, { port: 0 });
}, 900_000);
afterAll(async () => {
  await server?.close(0);
  await runtime?.close();
  rmSync(model, { recursive: true, force: true });
});

/** What a client got from one endpoint; each has some of these. */
interface Got {
  readonly text: string;
  readonly streamed: string;
  readonly structured: object;
  readonly calls: readonly object[];
  readonly last: string;
  readonly streamedCalls?: readonly object[];
  /** Lengths of vectors. */
  readonly lengths: readonly number[];
  readonly pieces: number;
}

/** Runs a script with a client. It lies beside what was installed, so that it finds it. */
async function run(program: string, script: string): Promise<(name: string) => Got> {
  const copy = join(folder, script);
  copyFileSync(join(import.meta.dirname, 'clients', script), copy);
  const args = [copy, `${server.url}/v1`, runtime.served.name];
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, timeout: 800_000 });
  const got = JSON.parse(stdout) as Record<string, Got>;
  return (name) => {
    const found = got[name];
    if (found === undefined) throw new RangeError(`${script} says nothing of ${name}`);
    return found;
  };
}

const city = { city: expect.any(String), people: expect.any(Number) };
const call = { toolName: 'weather', input: { city: expect.any(String) } };

function judge({ text, streamed, structured, calls, last, streamedCalls }: Got): void {
  expect(text.length).toBeGreaterThan(0);
  expect(streamed).toBe(text);
  expect(structured).toEqual(city);
  expect(calls.length).toBeGreaterThan(0);
  for (const each of [...calls, ...(streamedCalls ?? [])]) expect(each).toEqual(call);
  expect(last.length).toBeGreaterThan(0);
}

function judgeVectors(lengths: readonly number[]): void {
  expect(lengths).toHaveLength(2);
  for (const length of lengths) expect(length).toBeCloseTo(1, 4);
}

describe('unmodified clients', { timeout: 900_000 }, () => {
  it("OpenAI's Python library", async () => {
    const got = await run(python, 'openai_python.py');
    expect(got('models')).toEqual([runtime.served.name, `${runtime.served.name}:base`]);
    judge(got('chat'));
    judge(got('responses'));
    expect(got('chat')).toMatchObject({ usage: [16, 16] });
    expect(got('completion').text).not.toBe('');
    judgeVectors(got('embeddings').lengths);
    expect(got('refusals')).toEqual({ model: 'model_not_found', field: 'unsupported_parameter' });
  });

  it('the Vercel AI SDK', async () => {
    const got = await run(process.execPath, 'ai-sdk.mjs');
    for (const name of ['compatible', 'chat', 'responses']) {
      judge(got(name));
      expect(got(name)).toMatchObject({ finishReason: 'length', outputTokens: 16, results: [{ sky: 'clear' }] });
    }
    expect(got('completion compatible').text).toBe(got('completion completion').text);
    judgeVectors(got('embeddings compatible').lengths);
    judgeVectors(got('embeddings openai').lengths);
    expect(got('aborted').pieces).toBeGreaterThanOrEqual(2);
  });

  it('LangChain.js', async () => {
    const got = await run(process.execPath, 'langchain.mjs');
    for (const name of ['chat', 'responses']) {
      judge(got(name));
      expect(got(name)).toMatchObject({ called: city, results: [[true, 'clear']], usage: { output_tokens: 16 } });
    }
    expect(got('completion').text).not.toBe('');
    judgeVectors(got('embeddings').lengths);
  });
});
