/** Everything a hostile client can send, to every endpoint of `cogumi serve`: it stays up, answers in the client's own words, and tells nobody another's text. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSample } from '@cogumi/runtime/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOf } from './check-reply.ts';
import { describeMemory, leaks, MemoryLooks } from './memory-looks.ts';
import { type Mutated, mutatedRequests, withSecret } from './mutated-requests.ts';
import { type RawReply, sendRaw } from './raw-client.ts';
import { keyOf, type ServedChild, serveChild, writeKeys } from './served-child.ts';
import { TARGETS } from './valid-requests.ts';

/** Requests to each endpoint. */
const REQUESTS = Number(process.env.COGUMI_FUZZ_REQUESTS ?? 160);
/** Fixed in `npm test`, so that a change is not blamed for a request that nobody tried before; the exam takes a new one. */
const SEED = Number(process.env.COGUMI_FUZZ_SEED ?? (process.env.COGUMI_FUZZ_REQUESTS ? randomInt(2 ** 31) : 1));
/** Requests that are sent at once. */
const BATCH = 16;
/** Batches between two looks at the memory of both processes (chosen: a collection takes some 20 ms). */
const LOOK_EVERY = 10;
/** Fewer requests see how caches fill and code is compiled (chosen: 1,000 to each endpoint). */
const WARM_REQUESTS = 13_000;

let folder: string;
let served: ServedChild;
let canary: string;
let files: number;
let looks: MemoryLooks;
let batches = 0;
let sent = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-fuzz-'));
  const bundle = await writeSample(folder);
  const open = {
    endpoints: ['/metrics', '/v1/models', '/v1/models/:id', ...Object.values(TARGETS).map(({ path }) => path)].filter(
      (path, at, all) => all.indexOf(path) === at && path !== '/v1/models/sample:code',
    ),
  };
  const keys = writeKeys(folder, { alice: {}, bob: open, carol: {}, canary: {}, reader: { endpoints: ['/tokenize'] } });
  looks = new MemoryLooks(folder);
  served = await serveChild(bundle, {
    args: ['--keys', keys, '--context', '128', '--cache', join(folder, 'cache')],
    before: ['nice', '-n', '5'],
    env: looks.env,
  });
  canary = await askCanary();
  files = served.openFiles();
});
afterAll(async () => {
  await served?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What an honest client is answered at temperature 0. */
async function askCanary(): Promise<string> {
  const reply = await fetch(`${served.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keyOf('canary')}` },
    body: JSON.stringify({
      model: 'sample:code',
      messages: [{ role: 'user', content: 'Who are you?' }],
      max_tokens: 8,
    }),
  });
  if (reply.status !== 200) throw new Error(`the canary got ${reply.status}: ${await reply.text()}`);
  const { choices } = (await reply.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content as string;
}

const newSecret = () => `zq${(sent++).toString(16).padStart(8, '0')}qz`;

describe(`requests that are broken on purpose (COGUMI_FUZZ_SEED=${SEED})`, () => {
  it.each(Object.keys(TARGETS))('to %s are answered or refused', { timeout: 3_600_000 }, async (name) => {
    const target = TARGETS[name] as (typeof TARGETS)[string];
    const statuses = new Map<number | null, number>();
    const modelPid = served.modelPid();
    /** One example of each kind of fault. */
    const faults = new Map<string, string>();
    for (let begun = 0; begun < REQUESTS; begun += BATCH) {
      const requests = fc.sample(mutatedRequests(target), { numRuns: BATCH, seed: SEED + sent });
      await Promise.all(
        requests.map(async (plain) => {
          const secret = newSecret();
          const request = withSecret(plain, secret);
          const reply = await sendRaw(served.port, request);
          statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
          const fault = faultOf(target, request, secret, reply);
          if (fault !== null) faults.set(fault.slice(0, 60), describeFault(fault, request, reply));
        }),
      );
      expect(await askCanary()).toBe(canary);
      if (batches++ % LOOK_EVERY === 0) await looks.look([served.pid, modelPid as number], sent);
    }
    console.log(`${name}: ${describeCounts(statuses)}`);
    expect([...faults.values()]).toEqual([]);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(0);
    expect(served.modelPid()).toBe(modelPid);
  });

  it('leave no socket, no file, no failure in the log, and no memory behind', async () => {
    // One is left: that of the canary.
    await expect.poll(() => served.openSockets()).toBeLessThanOrEqual(1);
    await expect.poll(() => served.openFiles()).toBeLessThanOrEqual(files + 1);
    expect(served.log()).not.toMatch(/failed|error/i);
    if (sent < WARM_REQUESTS) return;
    for (const [name, pid] of Object.entries({ server: served.pid, model: served.modelPid() as number })) {
      const found = looks.of(pid);
      console.log(`${name} after ${sent} requests: ${describeMemory(found)}`);
      expect({ name, leaks: leaks(found, { long: true }) }).toEqual({ name, leaks: false });
    }
  });
});

function describeCounts(statuses: ReadonlyMap<number | null, number>): string {
  return [...statuses]
    .sort(([one], [other]) => (one ?? 0) - (other ?? 0))
    .map(([status, count]) => `${count} × ${status ?? 'no answer'}`)
    .join(', ');
}

function describeFault(fault: string, { bytes, ending }: Mutated, reply: RawReply): string {
  const sent = bytes.subarray(0, 3000).toString('latin1');
  return `${fault}\n--- sent, ${bytes.length} bytes (${ending}):\n${sent}\n--- got:\n${JSON.stringify(reply).slice(0, 1000)}`;
}
