import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stories260k } from '@cogumi/llama/testing';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eval-'));
  await writeFile(join(folder, 'model.gguf'), stories260k());
  await writeFile(
    join(folder, 'sample.cogumi'),
    tarOf(sampleBundle({ base: await tinyModel(), adapters: { code: tinyAdapter(1) } })),
  );
  const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await mkdir(join(folder, 'data/gsm8k'), { recursive: true });
  await mkdir(join(folder, 'data/mmlu'));
  const sums = Array.from({ length: 12 }, (_, at) => ({ question: `${at} + 1?`, answer: `#### ${at + 1}` }));
  await writeFile(join(folder, 'data/gsm8k/test.jsonl'), lines(sums.slice(0, 5)));
  await writeFile(join(folder, 'data/gsm8k/train.jsonl'), lines(sums.slice(5)));
  const questions = ['A', 'B', 'C'].map((answer) => ({
    ...{ subject: 'animals', question: `Lily had a ${answer}?`, choices: ['cat', 'dog', 'cow', 'hen'], answer },
  }));
  await writeFile(join(folder, 'data/mmlu/val.jsonl'), lines(questions));
});
afterAll(() => rm(folder, { recursive: true }));

const cogumi = (...args: string[]) => cogumiWith({}, ...args);
const cogumiWith = (extra: Readonly<Record<string, string>>, ...args: string[]) =>
  runCommand(folder, ['eval', ...args], { ...extra, NO_COLOR: '1' });
const MODEL = ['model.gguf', '--threads', '1', '--data', 'data'];

describe('cogumi eval', () => {
  it('asks a model in GGUF and prints its scores, and asks nothing twice', async () => {
    const asked = [...MODEL, '--task', 'gsm8k', '--output', 'answers.jsonl', '--json'];
    const first = await cogumi(...asked);
    expect(first.code).toBe(0);
    const { model, tasks } = JSON.parse(first.stdout);
    expect(model).toMatchObject({ name: 'model.gguf', digest: expect.stringMatching(/^sha256:/) });
    expect(tasks).toMatchObject([
      {
        ...{ task: 'gsm8k', shots: 5, cached: 0, harness: { task: 'gsm8k', version: 3 } },
        scores: [{ metric: 'exact_match,strict-match', items: 5 }, { metric: 'exact_match,flexible-extract' }],
      },
    ]);
    const answers = (await readFile(join(folder, 'answers.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(answers).toHaveLength(5);
    expect(JSON.parse(answers[0] as string)).toMatchObject({ task: 'gsm8k', id: 'gsm8k-0', reply: expect.any(String) });

    const again = JSON.parse((await cogumi(...asked)).stdout);
    expect(again.tasks[0]).toMatchObject({ cached: 5, scores: tasks[0].scores });
  });

  it('goes on where it was stopped', async () => {
    const asked = [...MODEL, '--task', 'mmlu', '--split', 'val', '--store', 'other'];
    await cogumi(...asked, '--limit', '2');
    expect(JSON.parse((await cogumi(...asked, '--json')).stdout).tasks[0]).toMatchObject({
      ...{ cached: 2, shots: 0, scores: [{ metric: 'acc', items: 3 }] },
    });
  });

  it('asks one route of a bundle', async () => {
    const asked = ['sample.cogumi', '--threads', '1', '--data', 'data', '--task', 'mmlu', '--split', 'val', '--json'];
    const base = JSON.parse((await cogumi(...asked, '--output', 'base.jsonl')).stdout);
    expect(base.model.name).toBe('sample:base');
    const code = JSON.parse((await cogumi(...asked, '--route', 'code', '--output', 'code.jsonl')).stdout);
    expect(code).toMatchObject({ model: { name: 'sample:code' }, tasks: [{ cached: 0 }] });
    const replies = await Promise.all(['base', 'code'].map((name) => readFile(join(folder, `${name}.jsonl`), 'utf8')));
    expect(replies[0]).not.toBe(replies[1]);
    const both = JSON.parse((await cogumi(...asked, '--route', 'code', '--against', 'sample.cogumi')).stdout);
    expect(both).toMatchObject({
      ...{ tasks: [{ cached: 3 }], against: { model: { name: 'sample:base' }, tasks: [{ cached: 3 }] } },
      comparisons: [{ task: 'mmlu', metric: 'acc', items: 3 }],
    });
    const wrong = await cogumi(...asked, '--route', 'math');
    expect(wrong).toMatchObject({ code: 3, stdout: expect.stringContaining('it has base, code') });
  });

  it('asks a file of your own', async () => {
    await writeFile(join(folder, 'mine.jsonl'), '{"q":"Lily had a","of":["cat","xylophone"],"right":"B"}\n');
    const fields = ['--question', 'q', '--choices', 'of', '--answer', 'right'];
    const { stdout } = await cogumi('model.gguf', '--threads', '1', '--task', 'mine.jsonl', ...fields, '--json');
    expect(JSON.parse(stdout).tasks).toMatchObject([
      { task: 'mine', harness: null, scores: [{ metric: 'acc', items: 1 }, { metric: 'acc_norm' }] },
    ]);
    const wrong = await cogumi('model.gguf', '--task', 'mine.jsonl');
    expect(wrong).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no field "question"; it has q, of, right'),
    });
  });

  it('asks what a bundle serves: its router chooses', async () => {
    const router = {
      ...{
        schema: 1,
        routes: ['base', 'code'],
        features: { hiddenSize: 8, mean: Array(8).fill(0), scale: Array(8).fill(1) },
      },
      // Always the modifier.
      ...{ layers: [{ inputs: 8, outputs: 2, weights: Array(16).fill(0), bias: [0, 1] }], perplexityBound: 1e9 },
    };
    const parts = { base: await tinyModel(), adapters: { code: tinyAdapter(1) }, router };
    await writeFile(join(folder, 'routed.cogumi'), tarOf(sampleBundle(parts)));
    const asked = ['routed.cogumi', '--threads', '1', '--data', 'data', '--task', 'gsm8k'];
    const served = JSON.parse((await cogumi(...asked, '--output', 'served.jsonl', '--json')).stdout);
    expect(served).toMatchObject({ model: { name: 'sample' }, tasks: [{ task: 'gsm8k' }] });
    await cogumi(...asked, '--route', 'code', '--output', 'chosen.jsonl');
    expect(await readFile(join(folder, 'served.jsonl'), 'utf8')).toBe(
      await readFile(join(folder, 'chosen.jsonl'), 'utf8'),
    );
  });

  it('does what its how-to page types', async () => {
    const root = join(import.meta.dirname, '../../../..');
    await symlink(join(root, 'examples'), join(folder, 'examples'));
    await mkdir(join(folder, '.cogumi/bundles'), { recursive: true });
    await copyFile(join(folder, 'sample.cogumi'), join(folder, '.cogumi/bundles/sample.cogumi'));
    const page = await readFile(join(root, 'docs/how-to/evaluate.md'), 'utf8');
    const lines = [...page.matchAll(/```sh\nnpm run cogumi -- eval (.*)\n```/g)].map(([, line]) => line as string);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const { code, stdout } = await cogumi(...line.split(' '));
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('# sample:base') });
    }
  });

  it('asks an endpoint, and pays for nothing twice', async () => {
    const asked: { messages: { role: string; content: string }[]; temperature: number }[] = [];
    const server = createServer(async (request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.method === 'GET') return response.end(JSON.stringify({ object: 'list', data: [{ id: 'adder' }] }));
      const chunks = await Array.fromAsync(request);
      asked.push(JSON.parse(Buffer.concat(chunks as Buffer[]).toString()));
      const first = Number(/(\d+) \+ 1\?\nAnswer:$/.exec(asked.at(-1)?.messages[0]?.content ?? '')?.[1]);
      const message = { role: 'assistant', content: `#### ${first + 1}\n\nQuestion: and now? #### 7` };
      const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
      response.end(
        JSON.stringify({ id: '1', model: 'adder', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      const run = () =>
        cogumiWith({ VLLM_BASE_URL: url }, 'vllm:adder', '--data', 'data', '--task', 'gsm8k', '--shots', '0', '--json');
      const { code, stdout, stderr } = await run();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        model: { name: 'vllm:adder', digest: null },
        tasks: [{ cached: 0, scores: [{ metric: 'exact_match,strict-match', value: 1 }, { value: 1 }] }],
      });
      expect(asked).toHaveLength(5);
      expect(asked[0]).toMatchObject({ messages: [{ role: 'user' }], temperature: 0 });
      expect(JSON.parse((await run()).stdout).tasks).toMatchObject([{ cached: 5 }]);
      expect(asked).toHaveLength(5);
    } finally {
      server.close();
    }
  });

  it.each([
    [['--task', 'gsm9k'], 'Did you mean --task gsm8k?'],
    [[], 'No task was named'],
    [['--task', 'gsm8k', '--split', 'dev'], 'no split "dev" to ask; there is test, train'],
    [['--task', 'mmlu', '--split', 'val', '--shots', '5'], 'no split "dev" to take the examples of mmlu from'],
    [['--task', 'gsm8k', '--shots', '9'], '9 examples; there are 7 rows'],
  ])('refuses %j before a model is loaded', async (args, message) => {
    const { code, stderr } = await cogumi('none.gguf', '--data', 'data', ...args);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(message) });
  });
});
