/** A server under mixed load for a long time: memory stays, every text is the one that its question gets alone, nothing is left open. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@cogumi/pure';
import { writeSample } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { APIS, ask, type Question } from './ask.ts';
import { describeMemory, lastTwoThirds, leaks, MemoryLooks } from './memory-looks.ts';
import { gapsOf, isTie, roundingOf } from './near-ties.ts';
import { type ServedChild, serveChild } from './served-child.ts';
import { slopeOf } from './slope.ts';

const SECONDS = Number(process.env.COGUMI_SOAK_SECONDS ?? 6);
const CLIENTS = Number(process.env.COGUMI_SOAK_CLIENTS ?? 64);
/** A bundle; default: the sample. */
const BUNDLE = process.env.COGUMI_SOAK_BUNDLE ?? '';
/** Questions that are asked over and over (chosen): each is asked alone first. */
const QUESTIONS = Number(process.env.COGUMI_SOAK_QUESTIONS ?? 24);
const LONGEST_ANSWER = 64;
const MIB = 2 ** 20;
/** How often both processes collect garbage and say what is alive (chosen: it takes some 20 ms of each). */
const LOOK_MS = 5000;
/** A process that gets no core is late by less (chosen; Node gives up on a head after ten). */
const STANDSTILL_SECONDS = 8;
/** Shorter runs see how caches fill and code is compiled (chosen). */
const WARM_SECONDS = 300;

let folder: string;
let served: ServedChild;
let looks: MemoryLooks;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soak-'));
  looks = new MemoryLooks(folder);
  served = await serveChild(BUNDLE || (await writeSample(folder)), {
    // A place for each client, and for those that hung up and are still being answered.
    args: [
      '--context',
      '512',
      '--sequences',
      '8',
      '--max-requests',
      String(4 * CLIENTS),
      '--cache',
      join(folder, 'cache'),
    ],
    env: looks.env,
  });
}, 300_000);
afterAll(async () => {
  await served?.close();
  await rm(folder, { recursive: true, force: true });
});

it(`answers ${CLIENTS} clients for ${SECONDS} s as it answers one`, {
  timeout: 1000 * (SECONDS * 3 + 600),
}, async () => {
  const random = createRandom('soak');
  const models = await modelsOf(served.url);
  const rounding = await roundingOf(served.url);
  const questions: Question[] = Array.from({ length: QUESTIONS }, (_, at) => ({
    api: 'chat',
    model: models[at % models.length] as string,
    prompt: 'Tell me about the sea. '.repeat(1 + Math.floor(random.next() * 12)) + at,
    maxTokens: 1 + Math.floor(random.next() * LONGEST_ANSWER),
    stream: false,
  }));
  const solo: string[] = [];
  for (const question of questions) {
    const { text, failure } = await ask(served.url, question);
    expect(failure).toBe(null);
    solo.push(text);
  }

  const counts = { answers: 0, left: 0, ties: 0, stood: 0 };
  const wrong: object[] = [];
  const memory: [seconds: number, bytes: number][] = [];
  // A machine that stands still, as a laptop that sleeps, does not count, nor what it breaks off: limits of time are over when it goes on, also
  // those of connections that are used for the next requests.
  let [seconds, last, standstills, stoodUntil] = [0, performance.now(), 0, Number.NEGATIVE_INFINITY];
  const sampling = setInterval(() => {
    const gap = (performance.now() - last) / 1000;
    last = performance.now();
    seconds += Math.min(gap, 1);
    if (gap > STANDSTILL_SECONDS) {
      standstills++;
      stoodUntil = seconds;
    }
    memory.push([seconds, served.memoryBytes()]);
  }, 250);
  const processes = { server: served.pid, model: served.modelPid() as number };
  const looking = setInterval(() => looks.look(Object.values(processes), counts.answers + counts.left), LOOK_MS);
  const client = async () => {
    while (seconds < SECONDS) {
      const at = Math.floor(random.next() * QUESTIONS);
      const question = {
        ...(questions[at] as Question),
        api: random.pick(APIS),
        stream: random.next() < 0.7,
      };
      // A third hangs up: before the answer, in its middle, or just after it.
      const leaving = random.next() < 0.33 ? AbortSignal.timeout(Math.ceil(random.next() * 2000)) : undefined;
      const begins = seconds;
      const { text, failure } = await ask(served.url, { ...question, ...(leaving && { signal: leaving }) });
      const whole = solo[at] as string;
      if (failure?.kind === 'left') counts.left++;
      else if (failure && begins - stoodUntil < STANDSTILL_SECONDS) counts.stood++;
      else if (failure) wrong.push({ question, failure });
      else counts.answers++;
      if (failure ? whole.startsWith(text) : text === whole) continue;
      if (isTie(await gapsOf(served.url, questions[at] as Question), whole, text, rounding)) counts.ties++;
      else wrong.push({ question, text, whole });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  clearInterval(sampling);
  clearInterval(looking);
  // Clients of fetch keep connections for the next request; the server closes them after five seconds.
  await expect.poll(() => served.openSockets(), { timeout: 30_000 }).toBe(0);

  const { perX, low, high } = slopeOf(lastTwoThirds(memory));
  const perMinute = [perX, low, high].map((each) => ((each * 60) / MIB).toFixed(2));
  console.log(
    `soak: ${Math.round(seconds)} s, ${CLIENTS} clients, ${models.length} models: ${counts.answers} answers, ${counts.left} hung up, ` +
      `${counts.ties} part at a tie (within ${rounding.toPrecision(2)} nats), ${wrong.length} wrong; ${Math.round((memory.at(-1)?.[1] ?? 0) / MIB)} MiB, slope ${perMinute[0]} MiB a minute ` +
      `(95%: ${perMinute[1]} to ${perMinute[2]}) over the last two thirds; 0 sockets left; ` +
      `${standstills} standstills of the machine, which broke off ${counts.stood}`,
  );
  const memories =
    SECONDS < WARM_SECONDS ? [] : Object.entries(processes).map(([name, pid]) => ({ name, found: looks.of(pid) }));
  for (const { name, found } of memories) console.log(`${name}: ${describeMemory(found)}`);
  expect(wrong).toEqual([]);
  expect(counts.answers).toBeGreaterThan(0);
  expect(served.log()).not.toMatch(/failed/);
  expect(served.modelPid()).toBe(processes.model);
  for (const { name, found } of memories) expect({ name, leaks: leaks(found) }).toEqual({ name, leaks: false });
});

async function modelsOf(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}
