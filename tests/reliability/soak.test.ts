/** A server under mixed load for a long time: memory stays, every text is the one that its question gets alone, nothing is left open. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSample } from '@cogumi/runtime/testing';
import { expect, it, onTestFinished } from 'vitest';
import { describeMemory, leaks, MemoryLooks, type ProcessMemory, secondHalf } from './memory-looks.ts';
import { type LoadReport, mixedLoad } from './mixed-load.ts';
import { type ServedChild, serveChild } from './served-child.ts';
import { slopeOf } from './slope.ts';

const SECONDS = Number(process.env.COGUMI_SOAK_SECONDS ?? 6);
const CLIENTS = Number(process.env.COGUMI_SOAK_CLIENTS ?? 64);
/** A bundle; default: the sample. */
const BUNDLE = process.env.COGUMI_SOAK_BUNDLE ?? '';
const QUESTIONS = Number(process.env.COGUMI_SOAK_QUESTIONS ?? 24);
const MIB = 2 ** 20;
/** Looks at the memory, half of which are judged (chosen: a slope takes 12). Before each the connections run out, in five seconds. */
const LOOKS = 26;
/**
 * At each look all answers that are being made end first: 64 of a real model on one busy core take two minutes (measured: SmolLM2 with
 * modifiers, 132 s).
 */
const REST_SECONDS = BUNDLE ? 180 : 0;
/** Shorter runs see in their second half how caches fill (chosen; measured: the heap of both processes stays after 40 s). */
const JUDGED_SECONDS = 120;
/** Shorter runs see how what is resident goes up to its working size (chosen). */
const LONG_SECONDS = 300;

interface Soak {
  readonly served: ServedChild;
  readonly load: LoadReport;
  /** Of the server and its model, where the run is long enough to judge it. */
  readonly memories: Readonly<Record<string, ProcessMemory>>;
}

/** @param leakBytes - That both processes keep of each request. */
async function soak(seconds: number, leakBytes: number): Promise<Soak> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const looks = new MemoryLooks(folder, leakBytes);
  // A place for each client, and for those that hung up and are still being answered.
  const places = ['--context', '512', '--sequences', '8', '--max-requests', String(4 * CLIENTS)];
  const served = await serveChild(BUNDLE || (await writeSample(folder)), {
    args: [...places, '--cache', join(folder, 'cache')],
    env: looks.env,
  });
  onTestFinished(async () => void (await served.close()));
  const pids = { server: served.pid, model: served.modelPid() as number };
  const judged = seconds < JUDGED_SECONDS ? [] : Object.entries(pids);
  const load = await mixedLoad(served, {
    clients: CLIENTS,
    seconds,
    questions: QUESTIONS,
    rounds: judged.length > 0 ? LOOKS : 1,
    onRest: (requests) => looks.look(Object.values(pids), requests),
  });
  expect(served.modelPid()).toBe(pids.model);
  const memories = Object.fromEntries(judged.map(([name, pid]) => [name, looks.of(pid)]));
  for (const [name, memory] of Object.entries(memories)) console.log(`${name}: ${describeMemory(memory)}`);
  return { served, load, memories };
}

it(`answers ${CLIENTS} clients for ${SECONDS} s as it answers one`, {
  timeout: 1000 * (SECONDS * 3 + 600 + LOOKS * REST_SECONDS),
}, async () => {
  const { served, load, memories } = await soak(SECONDS, 0);
  expect(served.openSockets()).toBe(0);
  console.log(describeLoad(load));
  expect(load.wrong).toEqual([]);
  expect(load.answers).toBeGreaterThan(0);
  expect(served.log()).not.toMatch(/failed/);
  for (const [name, memory] of Object.entries(memories)) {
    expect({ name, leaks: leaks(memory, { long: SECONDS >= LONG_SECONDS }) }).toEqual({ name, leaks: false });
  }
});

it.runIf(SECONDS >= JUDGED_SECONDS)(
  'would notice 300 bytes that are left of each request',
  {
    timeout: 1000 * (JUDGED_SECONDS * 3 + 600 + LOOKS * REST_SECONDS),
  },
  async () => {
    const { memories } = await soak(JUDGED_SECONDS, 300);
    const found = Object.entries(memories).map(([name, memory]) => ({ name, leaks: leaks(memory, { long: false }) }));
    expect(found).toEqual(['server', 'model'].map((name) => ({ name, leaks: true })));
  },
);

function describeLoad({
  models,
  seconds,
  answers,
  left,
  ties,
  rounding,
  wrong,
  standstills,
  stood,
  memory,
}: LoadReport) {
  const { perX, low, high } = slopeOf(secondHalf(memory));
  const perMinute = [perX, low, high].map((each) => ((each * 60) / MIB).toFixed(2));
  return (
    `soak: ${Math.round(seconds)} s, ${CLIENTS} clients, ${models} models: ${answers} answers, ${left} hung up, ` +
    `${ties} part at a tie (within ${rounding.toPrecision(2)} nats), ${wrong.length} wrong; ` +
    `${Math.round((memory.at(-1)?.[1] ?? 0) / MIB)} MiB, slope ${perMinute[0]} MiB a minute ` +
    `(95%: ${perMinute[1]} to ${perMinute[2]}) over the second half; 0 sockets left; ` +
    `${standstills} standstills of the machine, which broke off ${stood}`
  );
}
