// How long a cold load of an adapter and a switch between two loaded ones take, alone and beside another answer.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readGgufHeader } from '../../packages/llama/src/index.ts';
import { type ModelHost, openModel } from '../../packages/llama/src/process/model-host.ts';
import { median } from '../../packages/pure/src/index.ts';
import { DEFAULT_MODEL, randomAdapter } from './random-adapters.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: '1' },
  },
});
const [modelPath = DEFAULT_MODEL] = positionals;
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(tmpdir(), 'loading-'));
const adapters: Record<string, string> = {};
let bytes = 0;
// The rank that makes files of about the wanted size.
const one = (await randomAdapter(modelPath, 8, 1)).length;
const rank = Math.max(1, Math.round((8 * Number(values.megabytes) * 1e6) / one));
for (const [at, name] of ['a', 'b', 'c', 'd'].entries()) {
  adapters[name] = join(folder, `${name}.gguf`);
  const file = await randomAdapter(modelPath, rank, at + 1);
  await writeFile(adapters[name], file);
  const { tensors } = await readGgufHeader(adapters[name]);
  bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
}

/** Milliseconds to the first token after a prompt of one token. */
async function firstToken(host: ModelHost, adapter: string | null): Promise<number> {
  const began = performance.now();
  for await (const _ of host.generate({ prompt: [1], maxTokens: 1, adapter })) break;
  return performance.now() - began;
}

/** The longest pause between tokens of an answer by the base. */
async function longestPause(host: ModelHost, until: Promise<unknown>): Promise<number> {
  const stop = new AbortController();
  void until.then(() => stop.abort());
  let [longest, last] = [0, performance.now()];
  for await (const _ of host.generate({ prompt: [1], maxTokens: 400, temperature: 1 }, { signal: stop.signal })) {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}

try {
  const options = { modelPath, adapters, threads: Number(values.threads), sequences: 4, contextTokens: 1024 };
  // Room for two of four, so that those which are loaded below are not there.
  const host = await openModel({ ...options, adapterMemory: 2 * bytes });
  await firstToken(host, null);
  const rows: Record<string, number[]> = { base: [], loaded: [], switched: [], cold: [], quiet: [], pause: [] };
  for (let round = 0; round < rounds; round++) {
    rows.base?.push(await firstToken(host, null));
    rows.cold?.push(await firstToken(host, 'a'));
    rows.loaded?.push(await firstToken(host, 'a'));
    rows.cold?.push(await firstToken(host, 'b'));
    rows.switched?.push(await firstToken(host, 'a'));
    rows.cold?.push(await firstToken(host, 'c'));
    rows.quiet?.push(await longestPause(host, new Promise((resolve) => setTimeout(resolve, 300))));
    rows.pause?.push(await longestPause(host, firstToken(host, 'd')));
  }
  await host.close();
  const ms = Object.fromEntries(Object.entries(rows).map(([name, times]) => [name, median(times)])) as Record<
    keyof typeof rows,
    number
  >;
  const show = (value: number) => `${value.toFixed(1)} ms`;
  console.log(
    `${(bytes / 1e6).toFixed(0)} MB an adapter (rank ${rank}), ${values.threads} thread(s), medians of ${rounds}`,
  );
  console.log(`first token of the base             ${show(ms.base as number)}`);
  console.log(`first token of a loaded adapter     ${show(ms.loaded as number)}`);
  console.log(
    `the same after another adapter      ${show(ms.switched as number)}: a switch takes ${show((ms.switched as number) - (ms.loaded as number))}`,
  );
  console.log(
    `the same from its file              ${show(ms.cold as number)}: a cold load takes ${show((ms.cold as number) - (ms.switched as number))}`,
  );
  console.log(
    `longest pause of another answer     ${show(ms.pause as number)} during a load, ${show(ms.quiet as number)} without`,
  );
} finally {
  await rm(folder, { recursive: true });
}
