import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedData } from '@cogumi/pure/testing';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';
import { type AskedChat, startChatServer } from '../testing/start-chat-server.ts';

let folder: string;
let server: Server;
let environment: Record<string, string>;
/** Every request that the server answered. */
let asked: AskedChat[] = [];
beforeEach(() => {
  asked = [];
});

/** The judge likes what the labels call good, and says nothing of some answers. */
function judgement(text: string): string {
  if (text.includes('unclear')) return 'Hard to say.';
  return `It is as it is. Rating: [[${text.includes('bad answer') ? 2 : 9}]]`;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eval-mt-bench-'));
  await mkdir(join(folder, 'data'));
  await cp(sharedData('mt_bench'), join(folder, 'data/mt_bench'), { recursive: true });
  const labels = Array.from({ length: 60 }, (_, at) => ({
    ...{ question: `Question ${at}?`, good: at % 2 === 0 },
    answer: `a ${at % 2 === 0 ? 'good' : 'bad'} answer${' and so on'.repeat(at % 7)}`,
  }));
  await writeFile(join(folder, 'labels.jsonl'), labels.map((label) => `${JSON.stringify(label)}\n`).join(''));
  const usage = { prompt_tokens: 100, completion_tokens: 20 };
  ({ server, environment } = await startChatServer(['talker', 'judge'], usage, (chat) => {
    asked.push(chat);
    const turn = chat.messages.length === 1 ? 'a good answer' : 'a bad answer';
    return chat.model === 'judge' ? judgement(chat.messages.at(-1)?.content ?? '') : turn;
  }));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const cogumi = (...args: string[]) => runCommand(folder, args, environment);
const BENCH = ['--task', 'mt_bench', '--data', 'data', '--judge', 'vllm:judge'];

describe('cogumi eval --task mt_bench', () => {
  it('asks both turns of an endpoint, has them rated, and pays for nothing twice', async () => {
    const run = () => cogumi('eval', 'vllm:talker', ...BENCH, '--json', '--output', 'rated.jsonl');
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      ...{ model: { name: 'vllm:talker' }, tasks: [] },
      judge: { teacher: 'vllm:judge', standing: 'advice', why: 'no passport was named' },
      mtBench: { questions: 80, mean: 5.5, turns: [9, 2], unrated: 0, cached: 0, groups: { math: { questions: 10 } } },
    });
    const [answers, ratings] = ['talker', 'judge'].map((name) => asked.filter(({ model }) => model === name));
    expect([answers?.length, ratings?.length]).toEqual([160, 160]);
    const second = answers?.find(({ messages }) => messages.length === 3);
    expect(second?.messages[1]).toEqual({ role: 'assistant', content: 'a good answer' });
    expect(new Set(answers?.map(({ temperature }) => temperature))).toEqual(new Set([0.7, 0.1, 0]));
    expect(new Set(ratings?.map(({ temperature }) => temperature))).toEqual(new Set([0]));
    // Math, reasoning and coding have reference answers.
    expect(ratings?.filter(({ messages }) => /Reference Answer/.test(messages.at(-1)?.content ?? ''))).toHaveLength(60);
    const lines = (await readFile(join(folder, 'rated.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(80);
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      ...{ task: 'mt_bench', id: 'mt_bench-81', group: 'writing', ratings: [9, 2] },
      answers: ['a good answer', 'a bad answer'],
    });
    expect(JSON.parse((await run()).stdout).mtBench).toMatchObject({ mean: 5.5, cached: 160 });
    expect(asked).toHaveLength(320);
  });

  it('calls ratings proof only with a passport for this judge and these prompts', async () => {
    const prompts = join(folder, 'data/mt_bench/judge_prompts.jsonl');
    const check = ['judge', 'vllm:judge', '--labels', 'labels.jsonl', '--samples', '2'];
    const made = await cogumi(...check, '--prompts', prompts, '--output', 'passport.json');
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    expect(asked[0]?.messages.at(-1)?.content).toContain("[The Start of Assistant's Answer]\na good answer");
    await cogumi(...check, '--output', 'other.json');
    const run = (passport: string, ...rest: string[]) =>
      cogumi('eval', 'vllm:talker', ...BENCH, '--limit', '2', '--passport', passport, ...rest);
    const proof = await run('passport.json');
    expect(proof.stdout).toContain('# vllm:talker, rated by vllm:judge');
    expect(proof.stdout).toMatch(/\| all +\| +5\.50 \| .* \| +2 \| +9\.00 \| +2\.00 \| +0 \|/);
    expect(proof.stdout).toContain('The ratings are proof: its passport is valid: agreement 1.00 on 60 labels.');
    expect(JSON.parse((await run('other.json', '--json')).stdout).judge).toMatchObject({
      ...{ standing: 'advice', why: 'the passport is one for another prompt' },
    });
    expect(await run('labels.jsonl')).toMatchObject({ code: 3, stderr: expect.stringContaining('is no passport') });
  });

  it('asks what a bundle serves in its chat format, and counts replies without a rating', async () => {
    const questions = [{ question_id: 1, category: 'other', turns: ['Once upon a time?', 'unclear?'] }];
    await mkdir(join(folder, 'own'));
    await cp(join(folder, 'data/mt_bench/judge_prompts.jsonl'), join(folder, 'own/judge_prompts.jsonl'));
    await writeFile(join(folder, 'own/question.jsonl'), `${JSON.stringify(questions[0])}\n`);
    const features = { hiddenSize: 8, mean: Array(8).fill(0), scale: Array(8).fill(1) };
    // Always the modifier.
    const layers = [{ inputs: 8, outputs: 2, weights: Array(16).fill(0), bias: [0, 1] }];
    const router = { ...{ schema: 1, routes: ['base', 'code'], features, layers }, perplexityBound: 1e9 };
    const parts = { base: await tinyModel(), adapters: { code: tinyAdapter(1) }, router };
    await writeFile(join(folder, 'routed.cogumi'), tarOf(sampleBundle(parts)));
    const args = ['eval', 'routed.cogumi', '--data', 'own', '--task', 'mt_bench', '--judge', 'vllm:judge'];
    const run = async (name: string, ...rest: string[]) => {
      const found = await cogumi(...args, '--threads', '1', '--json', '--output', name, ...rest);
      expect({ code: found.code, stderr: found.stderr }).toEqual({ code: 0, stderr: '' });
      return { ...JSON.parse(found.stdout), ...JSON.parse(await readFile(join(folder, name), 'utf8')) };
    };
    const served = await run('served.jsonl');
    expect(served.mtBench).toMatchObject({ questions: 1, unrated: 1, turns: [9, null], interval: null });
    expect((await run('code.jsonl', '--route', 'code')).answers).toEqual(served.answers);
    expect((await run('base.jsonl', '--route', 'base')).answers).not.toEqual(served.answers);
  });

  it('spends one budget on the model and its judge', async () => {
    const price = ['--price', '1,1', '--judge-price', '100,100'];
    const args = ['eval', 'vllm:talker', ...BENCH, '--limit', '3', '--store', 'paid', ...price];
    const poor = await cogumi(...args, '--budget', '0.05');
    expect(poor).toMatchObject({ code: 3, stderr: expect.stringContaining('BUDGET_EXCEEDED') });
    const paid = asked.length;
    expect(asked.filter(({ model }) => model === 'judge')).toHaveLength(0);
    expect(paid).toBe(6);
    expect((await cogumi(...args, '--budget', '5')).code).toBe(0);
    expect(asked.slice(paid).every(({ model }) => model === 'judge')).toBe(true);
  });

  it.each([
    [['--task', 'mt_bench', '--data', 'data'], 'is rated by a judge, and none was named'],
    [['--task', 'mt_bench', '--judge', 'vllm:judge'], 'The files of mt_bench were not named'],
    [['--task', 'mt_bench', '--data', 'data', '--judge', 'procedural:master'], 'judges no text'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await cogumi('eval', 'vllm:talker', ...args);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(message) });
  });
});
