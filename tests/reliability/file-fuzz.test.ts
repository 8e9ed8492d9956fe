/** Files that are broken: models, adapters, bundles and key files. Each is refused by name or works; the process that opens it lives on. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { createRandom, treeMemoryBytes } from '@cogumi/pure';
import { descendants } from '@cogumi/pure/testing';
import { openKeyFile, openModelFile, openRuntime, type Runtime } from '@cogumi/runtime';
import { tinyAdapter, tinyModel, writeSample } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeKeys } from './served-child.ts';

/** Files of each kind. */
const FILES = Number(process.env.COGUMI_FUZZ_FILES ?? 12);
/** Fixed in `npm test`; the exam takes a new one. */
const SEED = process.env.COGUMI_FUZZ_SEED ?? (process.env.COGUMI_FUZZ_FILES ? String(randomInt(2 ** 31)) : '1');
/** Most memory of this process and the model's, beyond what whole files take (chosen): far below a header that says "gigabytes". */
const MOST_BYTES = 700 * 2 ** 20;
/** A file that takes longer hangs (chosen): a whole one takes half a second. */
const LONGEST_SECONDS = 60;

let folder: string;
let good: { readonly model: Buffer; readonly adapter: Buffer; readonly bundle: Buffer; readonly keys: Buffer };
let before: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-fuzz-'));
  good = {
    model: await tinyModel(),
    adapter: tinyAdapter(1),
    bundle: readFileSync(await writeSample(folder)),
    keys: readFileSync(writeKeys(folder, { alice: { requestsPerMinute: 5 }, bob: { models: ['sample'] } })),
  };
  await writeFile(join(folder, 'good.gguf'), good.model);
  before = treeMemoryBytes(process.pid) ?? 0;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Changes a file where its header is, mostly: there a byte means most. */
function mutate(bytes: Buffer, seed: string): Buffer {
  const random = createRandom(seed);
  const copy = Buffer.from(bytes);
  const header = Math.min(copy.length, 4096);
  const place = () => Math.floor(random.next() * (random.next() < 0.7 ? header : copy.length));
  switch (random.pick(['flip', 'flip', 'flip', 'cut', 'enlarge', 'enlarge', 'zero', 'repeat', 'append'])) {
    case 'flip':
      for (let times = 1 + Math.floor(random.next() * 8); times > 0; times--)
        copy[place()] = Math.floor(random.next() * 256);
      return copy;
    case 'cut':
      return copy.subarray(0, place());
    case 'enlarge': {
      // A count, a length or an offset becomes huge; in a text of JSON it is broken.
      const value = random.pick([
        2n ** 64n - 1n,
        2n ** 63n,
        2n ** 40n,
        2n ** 32n - 1n,
        2n ** 31n,
        BigInt(copy.length),
        0n,
      ]);
      const at = random.next() < 0.4 ? random.pick([4, 8, 16, 24, 32]) : place();
      if (at + 8 <= copy.length) copy.writeBigUInt64LE(value, at);
      return copy;
    }
    case 'zero': {
      const at = place();
      return copy.fill(0, at, Math.min(copy.length, at + Math.floor(random.next() * 256)));
    }
    case 'repeat': {
      const at = place();
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 64))]);
    }
    default:
      return Buffer.concat([copy, Buffer.alloc(64, 0xff)]);
  }
}

/** Opens files one after the other and counts what came of them. */
async function openAll(kind: keyof typeof good, name: string, open: (path: string) => Promise<() => Promise<string>>) {
  const outcomes = new Map<string, number>();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, treeMemoryBytes(process.pid) ?? 0);
  }, 20);
  for (let at = 0; at < FILES; at++) {
    const path = join(folder, name);
    await writeFile(path, mutate(good[kind], `${SEED} ${kind} ${at}`));
    await chmod(path, 0o600);
    const label = `${kind} ${at}`;
    let seconds = 0;
    const hanging = setInterval(() => {
      if (++seconds === LONGEST_SECONDS)
        for (const pid of descendants(process.pid)) console.error(`${label} hangs; below this process: ${pid}`);
    }, 1000);
    const outcome = await open(path).then(
      (work) => work(),
      (error: unknown) => explain(error, path, label),
    );
    clearInterval(hanging);
    expect(seconds, label).toBeLessThan(LONGEST_SECONDS);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  clearInterval(watch);
  const counts = [...outcomes]
    .sort(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${count} × ${outcome}`);
  console.log(
    `${FILES} files of ${kind}: ${counts.join(', ')}; ${Math.round((most - before) / 2 ** 20)} MiB more memory at the most`,
  );
  expect(most - before).toBeLessThan(MOST_BYTES);
}

/** The code of a refusal that names the file and says what to do. */
function explain(error: unknown, path: string, label: string): string {
  expect(error, `${label}: ${error}`).toBeInstanceOf(CogumiError);
  const { code, message, hint } = error as CogumiError;
  expect(`${label}: ${message}`).toContain(path);
  expect(hint.length, label).toBeGreaterThan(0);
  if (code === 'MODEL_DIED') expect(message, label).toContain('while loading');
  return code;
}

/** Asks an opened model for a few tokens: whatever they are, they come, or the refusal has a name. */
async function answers(runtime: Runtime, route: string | null, path: string, label: string): Promise<string> {
  try {
    const { pieces } = await runtime.answer({ prompt: [1, 2, 3], route, maxTokens: 4 });
    for await (const _ of pieces);
    return 'answered';
  } catch (error) {
    expect(error, `${label}: ${error}`).toBeInstanceOf(CogumiError);
    return `opened, then ${(error as CogumiError).code}`;
  } finally {
    await runtime.close();
    await rm(path, { force: true });
  }
}

const nothing = () => undefined;
const options = { contextTokens: 64, sequences: 1, threads: 1 };

describe(`files that are broken on purpose (COGUMI_FUZZ_SEED=${SEED})`, () => {
  const timeout = 600_000 + FILES * 60_000;

  it('as models', { timeout }, async () => {
    await openAll('model', 'broken.gguf', async (path) => {
      const runtime = await openModelFile(path, {}, { ...options, cache: folder });
      return () => answers(runtime, 'base', path, 'model');
    });
  });

  it('as adapters', { timeout }, async () => {
    await openAll('adapter', 'adapter.gguf', async (path) => {
      const runtime = await openModelFile(join(folder, 'good.gguf'), { broken: path }, { ...options, cache: folder });
      return () => answers(runtime, 'broken', path, 'adapter');
    });
  });

  it('as bundles', { timeout }, async () => {
    await openAll('bundle', 'broken.cogumi', async (path) => {
      const runtime = await openRuntime(path, { ...options, cache: folder });
      return () => answers(runtime, null, path, 'bundle');
    });
  });

  it('as key files', { timeout }, async () => {
    await openAll('keys', 'broken.jsonl', async (path) => {
      const file = await openKeyFile(path, { onReload: nothing, onProblem: nothing, onUsageProblem: nothing });
      return async () => {
        await file.close();
        return 'opened';
      };
    });
  });
});
