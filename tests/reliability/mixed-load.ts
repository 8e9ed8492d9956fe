import { createRandom } from '@cogumi/pure';
import { expect } from 'vitest';
import { APIS, ask, type Question } from './ask.ts';
import { type Gap, gapsOf, isTie, roundingOf } from './near-ties.ts';
import type { ServedChild } from './served-child.ts';

const LONGEST_ANSWER = 64;
/** A process that gets no core is late by less (chosen; Node gives up on a head after ten). */
const STANDSTILL_SECONDS = 8;
const SAMPLE_MS = 250;

export interface LoadOptions {
  readonly clients: number;
  readonly seconds: number;
  /** Questions that are asked over and over: each is asked alone first. */
  readonly questions: number;
  /** Parts of the load. After each all clients wait until all requests have ended and no connection is left. */
  readonly rounds: number;
  /** Called between two rounds. @param requests - That have ended. */
  readonly onRest: (requests: number) => Promise<void>;
}

export interface LoadReport {
  readonly models: number;
  /** With the rests, without those in which the machine stood still. */
  readonly seconds: number;
  readonly answers: number;
  /** Clients that hung up. */
  readonly left: number;
  /** Texts that part from the solo one where rounding may decide, and by how much it may, in nats. */
  readonly ties: number;
  readonly rounding: number;
  readonly wrong: readonly object[];
  readonly standstills: number;
  /** Requests that a standstill broke off. */
  readonly stood: number;
  /** Resident bytes of the server and its model. */
  readonly memory: readonly (readonly [seconds: number, bytes: number])[];
}

/** Clients of three APIs ask all models of a server at once and compare each text with the one that its question gets alone. */
export async function mixedLoad(
  served: ServedChild,
  { clients, seconds, questions: count, rounds, onRest }: LoadOptions,
): Promise<LoadReport> {
  const random = createRandom('soak');
  const models = await modelsOf(served.url);
  const rounding = await roundingOf(served.url);
  const questions: Question[] = Array.from({ length: count }, (_, at) => ({
    api: 'chat',
    model: models[at % models.length] as string,
    prompt: 'Tell me about the sea. '.repeat(1 + Math.floor(random.next() * 12)) + at,
    maxTokens: 1 + Math.floor(random.next() * LONGEST_ANSWER),
    stream: false,
  }));
  const solo: { readonly whole: string; readonly gaps: readonly Gap[] }[] = [];
  for (const question of questions) {
    const { text, failure } = await ask(served.url, question);
    expect(failure).toBe(null);
    // Now: an answer of a busy server may part from this one at a tie as well, and then tells the gaps of another text.
    solo.push({ whole: text, gaps: await gapsOf(served.url, question) });
  }

  const counts = { answers: 0, left: 0, ties: 0, stood: 0, standstills: 0 };
  const wrong: object[] = [];
  const memory: [seconds: number, bytes: number][] = [];
  // A machine that stands still, as a laptop that sleeps, does not count, nor what it breaks off: limits of time are over when it goes on, also
  // those of connections that are used for the next requests.
  let [gone, last, stoodUntil] = [0, performance.now(), Number.NEGATIVE_INFINITY];
  const sampling = setInterval(() => {
    const gap = (performance.now() - last) / 1000;
    last = performance.now();
    gone += Math.min(gap, 1);
    if (gap > STANDSTILL_SECONDS) {
      counts.standstills++;
      stoodUntil = gone;
    }
    memory.push([gone, served.memoryBytes()]);
  }, SAMPLE_MS);
  const client = async (until: number) => {
    while (gone < until) {
      const at = Math.floor(random.next() * count);
      const question = {
        ...(questions[at] as Question),
        api: random.pick(APIS),
        stream: random.next() < 0.7,
      };
      // A third hangs up: before the answer, in its middle, or just after it.
      const leaving = random.next() < 0.33 ? AbortSignal.timeout(Math.ceil(random.next() * 2000)) : undefined;
      const begins = gone;
      const { text, failure } = await ask(served.url, { ...question, ...(leaving && { signal: leaving }) });
      const { whole, gaps } = solo[at] as (typeof solo)[number];
      if (failure?.kind === 'left') counts.left++;
      else if (failure && begins - stoodUntil < STANDSTILL_SECONDS) counts.stood++;
      else if (failure) wrong.push({ question, failure });
      else counts.answers++;
      if (failure ? whole.startsWith(text) : text === whole) continue;
      if (isTie(gaps, whole, text, rounding)) counts.ties++;
      else wrong.push({ question, text, whole });
    }
  };
  for (let round = 0; round < rounds; round++) {
    const until = gone + seconds / rounds;
    await Promise.all(Array.from({ length: clients }, () => client(until)));
    // Connections are kept for the next request for five seconds, and take memory that is not left behind.
    await expect.poll(() => served.openSockets(), { interval: 100 }).toBe(0);
    await onRest(counts.answers + counts.left);
  }
  clearInterval(sampling);
  return { models: models.length, seconds: gone, rounding, wrong, memory, ...counts };
}

async function modelsOf(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}
