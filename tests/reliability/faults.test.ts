/** What goes wrong around a server: its model is killed or hangs in the middle of answers, the disk is full, the clock jumps. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, openSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeSample } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startCogumi } from '../start-cogumi.ts';
import { APIS, ask, type Question, type Told } from './ask.ts';
import { keyOf, type ServedChild, serveChild, writeKeys } from './served-child.ts';

/** Times that the model is killed under load. */
const KILLS = Number(process.env.COGUMI_MODEL_KILLS ?? 1);
const CLIENTS = Number(process.env.COGUMI_FAULT_CLIENTS ?? 16);
/** Of a file on tmpfs. */
const BLOCK_BYTES = 4096;
const MODELS = ['sample', 'sample:base', 'sample:code', 'sample:reasoning'];

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
  bundle = await writeSample(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<ServedChild> {
  const common = ['--context', '256', '--max-requests', '256', '--cache', join(folder, 'cache')];
  const served = await serveChild(bundle, { args: [...common, ...args], env });
  onTestFinished(async () => {
    await served.close();
  });
  return served;
}

const questionOf = (at: number): Question => ({
  api: APIS[at % APIS.length] as Question['api'],
  model: MODELS[at % MODELS.length] as string,
  prompt: `Question ${at % 24}`,
  maxTokens: 40,
  stream: at % 4 !== 3,
});

/** What each question is answered when the server has nothing else to do. */
async function soloTexts(url: string): Promise<string[]> {
  const texts: string[] = [];
  for (let at = 0; at < 24; at++) {
    const { text, failure } = await ask(url, questionOf(at));
    expect(failure).toBe(null);
    texts.push(text);
  }
  return texts;
}

/** Clients that ask one question after the other until they are stopped. */
function load(url: string, clients: number) {
  const told: { readonly at: number; readonly told: Told }[] = [];
  let stopped = false;
  const client = async (first: number) => {
    for (let at = first; !stopped; at += clients) {
      const answer = await ask(url, questionOf(at));
      told.push({ at, told: answer });
      // As the official clients do after a 503.
      if (answer.failure) await sleep(200);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_, at) => client(at)));
  const stop = async () => {
    stopped = true;
    await done;
  };
  // Also where the test fails before it stops them.
  onTestFinished(stop);
  return { told, stop };
}

/** Every answer is the solo one, or an error in the words of the client's API after a part of it. */
function check(told: ReturnType<typeof load>['told'], solo: readonly string[]) {
  let errors = 0;
  for (const { at, told: answer } of told) {
    const whole = solo[at % 24] as string;
    if (answer.failure === null) expect({ at, text: answer.text }).toEqual({ at, text: whole });
    else {
      expect({ at, failure: answer.failure }).toMatchObject({ at, failure: { kind: 'error', own: true } });
      expect(whole.startsWith(answer.text)).toBe(true);
      errors++;
    }
  }
  return { answers: told.length - errors, errors };
}

async function untilAnswers(url: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { failure } = await ask(url, questionOf(1));
    if (failure === null) return (performance.now() - began) / 1000;
    await sleep(50);
  }
}

describe('a model that goes wrong under load', () => {
  it(`is loaded again after kill -9 in the middle of answers, ${KILLS} times; clients get an error in their own words`, async () => {
    const served = await start();
    const solo = await soloTexts(served.url);
    const files = served.openFiles();
    const run = load(served.url, CLIENTS);
    const seconds: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const before = run.told.length;
      await expect.poll(() => run.told.length).toBeGreaterThan(before + CLIENTS);
      process.kill(served.modelPid() as number, 'SIGKILL');
      seconds.push(await untilAnswers(served.url));
    }
    await run.stop();
    const { answers, errors } = check(run.told, solo);
    expect(errors).toBeGreaterThanOrEqual(KILLS);
    await expect.poll(() => served.openSockets()).toBeLessThanOrEqual(CLIENTS + 1);
    await expect.poll(() => served.openFiles()).toBeLessThanOrEqual(files + CLIENTS);
    console.log(
      `kill -9: ${KILLS} times under ${CLIENTS} clients; ${answers} answers as alone, ${errors} errors; ` +
        `the next answer came after ${seconds.map((each) => each.toFixed(1)).join(', ')} s`,
    );
  });

  it('is found when it hangs (SIGSTOP), ended and loaded again', async () => {
    const served = await start();
    const solo = await soloTexts(served.url);
    const run = load(served.url, CLIENTS);
    await expect.poll(() => run.told.length).toBeGreaterThan(CLIENTS);
    const hung = served.modelPid() as number;
    process.kill(hung, 'SIGSTOP');
    const began = performance.now();
    await expect.poll(() => run.told.some(({ told }) => told.failure)).toBe(true);
    const found = (performance.now() - began) / 1000;
    await untilAnswers(served.url);
    const again = (performance.now() - began) / 1000;
    await run.stop();
    const { answers, errors } = check(run.told, solo);
    expect(served.modelPid()).not.toBe(hung);
    expect(served.log()).toContain('it hung');
    // Ten seconds without work, looked at each second, on a busy machine.
    expect(found).toBeLessThan(40);
    console.log(
      `SIGSTOP: errors after ${found.toFixed(1)} s, the next answer after ${again.toFixed(1)} s; ${answers} answers as alone, ${errors} errors`,
    );
  });
});

describe('a disk that is full', () => {
  let disk: string;
  let mounted = false;
  const resize = (kilobytes: number) =>
    spawnSync('mount', ['-o', `remount,size=${kilobytes}k`, disk], { stdio: 'pipe' }).status === 0;
  const fill = () => {
    for (let tries = 0; tries < 100; tries++) {
      const { blocks, bfree, bsize } = statfsSync(disk);
      if (resize(Math.ceil(((blocks - bfree) * bsize) / 1024))) return;
    }
    throw new Error(`${disk} cannot be made smaller`);
  };
  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'faults-disk-'));
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]).status === 0;
  });
  afterAll(async () => {
    if (mounted) execFileSync('umount', ['-l', disk], { stdio: 'pipe' });
    await rm(disk, { recursive: true, force: true });
  });

  it('keeps nobody from an answer where only the log is on it', async () => {
    const served = await serveChild(bundle, {
      args: ['--context', '256', '--log', 'json', '--cache', join(folder, 'cache')],
      // Linux' disk that is always full.
      stderr: openSync('/dev/full', 'w'),
    });
    onTestFinished(async () => {
      await served.close();
    });
    for (let at = 0; at < 5; at++) expect((await ask(served.url, questionOf(at))).failure).toBe(null);
    expect(await served.close()).toBe(0);
  });

  it('keeps nobody from an answer: the log, a reload and a new key fail, the server goes on', async ({ skip }) => {
    skip(!mounted, 'a disk cannot be mounted: that takes root');
    const keys = writeKeys(disk, { alice: {} });
    appendFileSync(keys, '\n'.repeat(BLOCK_BYTES - 40 - statSync(keys).size));
    const log = openSync(join(disk, 'log.jsonl'), 'a');
    const served = await serveChild(bundle, {
      args: ['--context', '256', '--keys', keys, '--log', 'json', '--cache', join(disk, 'cache')],
      stderr: log,
    });
    onTestFinished(async () => {
      await served.close();
    });
    const question = { ...questionOf(1), key: keyOf('alice') };
    const before = await ask(served.url, question);
    expect(before.failure).toBe(null);
    fill();
    for (let at = 0; at < 50; at++)
      expect(await ask(served.url, question)).toMatchObject({ text: before.text, failure: null });
    // The next key needs a block of its own, of which its first bytes still fit into the last one.
    const text = readFileSync(keys, 'utf8');
    const refused = await startCogumi(['key', 'bob', '--keys', keys, '--json']).finished;
    expect(refused.code).not.toBe(0);
    expect(refused.error).toMatchObject({ message: expect.stringMatching(/ENOSPC|full/), hint: expect.any(String) });
    expect(readFileSync(keys, 'utf8')).toBe(text);
    // The bundle is opened again, which takes a folder in the cache if it is another one; the one before stays.
    process.kill(served.pid, 'SIGHUP');
    await sleep(1500);
    expect(await ask(served.url, question)).toMatchObject({ text: before.text, failure: null });
    process.kill(served.modelPid() as number, 'SIGKILL');
    await sleep(100);
    await expect.poll(async () => (await ask(served.url, question)).text).toBe(before.text);
    resize(64 * 1024);
    expect(await ask(served.url, question)).toMatchObject({ text: before.text, failure: null });
    await expect
      .poll(() => readFileSync(join(disk, 'log.jsonl'), 'utf8').trimEnd().split('\n').at(-1))
      .toContain('"status":200');
    expect(await served.close()).toBe(0);
  });

  it('is named when a bundle cannot be unpacked', async ({ skip }) => {
    skip(!mounted, 'a disk cannot be mounted: that takes root');
    resize(64 * 1024);
    fill();
    const { code, error } = await startCogumi([
      'serve',
      bundle,
      '--port',
      '0',
      '--json',
      '--cache',
      join(disk, 'other'),
    ]).finished;
    expect({ code, error }).toMatchObject({
      code: 1,
      error: { code: expect.stringMatching(/DISK_FULL|CACHE_UNWRITABLE/), hint: expect.stringMatching(/MiB|space/) },
    });
  });
});

describe('a clock that is set while the server runs', () => {
  it('changes no limit, no answer and no time-out: a day forward, two days back', async () => {
    const keys = writeKeys(folder, { alice: {}, few: { requestsPerMinute: 3 } });
    const served = await start(['--keys', keys, '--log', 'json'], {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'jump-clock.mjs')}`,
    });
    const jump = async () => {
      process.kill(served.pid, 'SIGUSR2');
      await sleep(50);
    };
    const alice = { ...questionOf(1), key: keyOf('alice'), maxTokens: 200 };
    const alone = await ask(served.url, alice);
    expect(alone.failure).toBe(null);
    const few = () => ask(served.url, { ...questionOf(0), maxTokens: 1, key: keyOf('few') });
    // Three a minute free one each 20 s.
    const began = performance.now();
    for (let at = 0; at < 3; at++) expect((await few()).failure).toBe(null);
    for (let at = 0; at < 4; at++) {
      const [answer] = await Promise.all([ask(served.url, alice), sleep(20).then(jump)]);
      expect(answer).toMatchObject({ text: alone.text, failure: null });
      if ((performance.now() - began) / 1000 < 15) expect((await few()).failure).toMatchObject({ status: 429 });
    }
    // The log tells that the clock was set.
    const days = () => new Set(served.log().match(/"time":"\d{4}-\d\d-\d\d/g)).size;
    await expect.poll(days).toBeGreaterThan(1);
    expect(await (await fetch(`${served.url}/health`)).json()).toMatchObject({ status: 'ok' });
    expect(await served.close()).toBe(0);
  });
});
