import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND } from '../command.ts';
import { runCommand } from '../testing/run-command.ts';
import { startChatServer } from '../testing/start-chat-server.ts';

/** Fewer could not show that a judge is readable. */
const PAIRS = 40;

let folder: string;
let server: Server;
let environment: Record<string, string>;
/** Every request that the server answered. */
let asked: string[] = [];
/** Of all requests but the first ten. */
let delayMs = 0;
let arrived = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'));
  const pairs = Array.from({ length: PAIRS }, (_, at) => ({
    question: `Question ${at}?`,
    first: at % 2 === 0 ? `right ${'x'.repeat(at)}` : 'wrong, but at some length',
    second: at % 2 === 0 ? 'wrong' : 'right',
    better: at % 2 === 0 ? 'first' : 'second',
  }));
  await writeFile(join(folder, 'pairs.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  const usage = { prompt_tokens: 50, completion_tokens: 5 };
  ({ server, environment } = await startChatServer(
    ['sound', 'first'],
    usage,
    async ({ model, messages, temperature }) => {
      const delay = ++arrived > 10 ? delayMs : 0;
      await new Promise((resolve) => setTimeout(resolve, delay));
      // Who asked was killed meanwhile.
      if (delay > 0 && delayMs === 0) return '';
      const text = messages.at(-1)?.content ?? '';
      const better = model === 'first' || text.indexOf('right') < text.indexOf('Answer B') ? 'A' : 'B';
      asked.push(`${model} ${temperature} ${text}`);
      return JSON.stringify({ better });
    },
  ));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  arrived = 0;
  delayMs = 0;
});

const cogumi = (...args: string[]) => runCommand(folder, ['judge', ...args], environment);

describe('cogumi judge', () => {
  it('prints a passport with every figure, and writes it', async () => {
    const args = ['vllm:sound', '--labels', 'pairs.jsonl', '--samples', '2', '--output', 'passport.json'];
    const { code, stdout, stderr } = await cogumi(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('# vllm:sound, judge of pairs, on 40 labelled pairs');
    for (const name of ['readable', 'order', 'length', 'repeats', 'chance', 'people'])
      expect(stdout).toMatch(new RegExp(`\\| ${name} +\\| .* pass `));
    expect(stdout).toContain('its verdicts may block a gate');
    expect(JSON.parse(await readFile(join(folder, 'passport.json'), 'utf8'))).toMatchObject({ verdict: 'valid' });
    expect(asked).toHaveLength(4 * PAIRS);
  });

  it('refuses a judge by what it does, with exit code 2', async () => {
    const { code, stdout } = await cogumi('vllm:first', '--labels', 'pairs.jsonl', '--samples', '0');
    expect(code).toBe(2);
    expect(stdout).toContain('it prefers the upper answer in 80 of 80');
    expect(stdout).toContain('Refused: it fails order, people. What it says is advice and blocks no gate.');
  });

  it('buys nothing twice after it was killed in the middle', async () => {
    const args = ['judge', 'vllm:sound', '--labels', 'pairs.jsonl', '--samples', '0', '--store', 'killed', '--json'];
    delayMs = 2000;
    const [program, ...before] = COMMAND;
    const env = { ...process.env, ...environment, COGUMI_CACHE: join(folder, 'cache') };
    const child = spawn(program as string, [...before, ...args], { cwd: folder, env });
    const ended = once(child, 'close');
    // The first answers were there long before the next one.
    while (asked.length <= 10) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    delayMs = 0;
    const first = asked.length;
    const { code, stdout } = await runCommand(folder, args, environment);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'valid', items: PAIRS });
    const repeated = asked.length - new Set(asked).size;
    // What was in flight when it was killed is asked again; what was answered before is not.
    expect(first).toBeLessThan(2 * PAIRS);
    expect(repeated).toBeLessThan(first);
    const again = asked.length;
    await runCommand(folder, args, environment);
    expect(asked).toHaveLength(again);
  });

  it.each([
    [['vllm:sound', '--labels', 'none.jsonl'], 'none.jsonl cannot be read: ENOENT'],
    [['vllm:sound', '--labels', 'empty.jsonl'], 'empty.jsonl has no record'],
    [['vllm:sound', '--labels', 'other.jsonl'], 'it has the fields text'],
    [['vllm:sound', '--labels', 'text.jsonl'], 'Record 1 of text.jsonl cannot be read: it is not JSON'],
    [['sound', '--labels', 'pairs.jsonl'], '"sound" is no judge'],
  ])('refuses %j before anything is asked', async (args, message) => {
    await writeFile(join(folder, 'empty.jsonl'), '');
    await writeFile(join(folder, 'other.jsonl'), '{"text":"a"}\n');
    await writeFile(join(folder, 'text.jsonl'), '{"question": \n');
    const { code, stderr } = await cogumi(...args);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(message) });
    expect(asked).toEqual([]);
  });
});
