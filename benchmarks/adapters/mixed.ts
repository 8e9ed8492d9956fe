/**
 * Measures answers over a base and adapters: one route alone, all routes in turns, and all in mixed passes, side by side in each round.
 *
 *     node --conditions=source benchmarks/adapters/mixed.ts [MODEL.gguf] [--streams 8] [--tokens 64] [--rounds 5] [--rank 16] [--threads 2]
 *
 * The model is by default SmolLM2-135M of models/smollm2.py. Adapters are random, of float16, on all linear weights.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ModelHost, openModel } from '../../packages/llama/src/index.ts';
import { DEFAULT_MODEL, writeRandomAdapters } from './random-adapters.ts';

const SUBJECTS = ['the sea', 'mountains', 'bread', 'clocks', 'rivers', 'music', 'trees', 'ships'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    streams: { type: 'string', default: '8' },
    tokens: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    rank: { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
  },
});
const [streams, tokens, rounds, rank, threads] = [
  values.streams,
  values.tokens,
  values.rounds,
  values.rank,
  values.threads,
].map(Number) as [number, number, number, number, number];
const modelPath = positionals[0] ?? DEFAULT_MODEL;

function promptOf(stream: number): string {
  const subject = SUBJECTS[stream % SUBJECTS.length];
  return `<|im_start|>user\nWrite a long story about ${subject}.<|im_end|>\n<|im_start|>assistant\n`;
}

/** How far apart the logits of two tokens are where texts part, beside the range of all logits. */
async function gapAt(
  host: ModelHost,
  prompt: string,
  adapter: string | null,
  left: readonly number[],
  right: readonly number[],
  place: number,
): Promise<string> {
  const ids = [...(await host.tokenize(prompt, { special: true })), ...left.slice(0, place)];
  const logits = (await host.logits(ids, { adapter })).subarray(-host.info.vocabularySize);
  const gap = Math.abs(logits[left[place]!]! - logits[right[place]!]!);
  return `token ${place}: ${gap.toFixed(3)} of ${(logits.reduce((most, value) => Math.max(most, value)) - logits.reduce((least, value) => Math.min(least, value))).toFixed(0)}`;
}

/** Answers of all streams at once, and how many tokens a second they made together. */
async function answer(host: ModelHost, routes: readonly (string | null)[]) {
  const began = performance.now();
  const used = cpuSeconds(host.pid);
  const ids = await Promise.all(
    Array.from({ length: streams }, async (_, at) => {
      const own: number[] = [];
      const request = {
        prompt: promptOf(at),
        adapter: routes[at % routes.length] as string | null,
        maxTokens: tokens,
        // Answers of random adapters end early; all have to be equally long.
        logitBias: host.info.endIds.map((id) => [id, -1e9] as const),
      };
      for await (const piece of host.generate(request)) if (piece.kind === 'text') own.push(...piece.ids);
      return own;
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const count = ids.reduce((sum, { length }) => sum + length, 0);
  return { ids, rate: count / seconds, cpuRate: count / (cpuSeconds(host.pid) - used) };
}

/** What the threads of a process have computed so far: on a busy machine a steadier measure than the clock. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // User and system time, in ticks of 10 ms (proc(5)).
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const folder = await mkdtemp(join(tmpdir(), 'mixed-'));
try {
  const adapters = await writeRandomAdapters(folder, modelPath, rank);
  const names = Object.keys(adapters);
  const options = { modelPath, adapters, threads, sequences: streams, contextTokens: 512 };
  const turns = await openModel(options);
  const mixed = await openModel({ ...options, mixing: true });
  console.log(`${modelPath}: ${streams} streams of ${tokens} tokens, ${threads} threads, adapters of rank ${rank}`);
  console.log(JSON.stringify(mixed.info.mixing));
  const runs: [name: string, host: ModelHost, routes: (string | null)[]][] = [
    ['base', turns, [null]],
    ['base, with mixing', mixed, [null]],
    ['one adapter', turns, ['a']],
    ['one adapter, with mixing', mixed, ['a']],
    ['base + 1, turns', turns, [null, 'a']],
    ['base + 1, mixed', mixed, [null, 'a']],
    ['base + 3, turns', turns, [null, ...names]],
    ['base + 3, mixed', mixed, [null, ...names]],
  ];
  const rates = runs.map(() => [] as number[]);
  const cpuRates = runs.map(() => [] as number[]);
  const texts = new Map<string, number[][]>();
  for (let round = 0; round < rounds; round++) {
    for (const [at, [name, host, routes]] of runs.entries()) {
      const { ids, rate, cpuRate } = await answer(host, routes);
      rates[at]!.push(rate);
      cpuRates[at]!.push(cpuRate);
      texts.set(name, ids);
    }
  }
  const median = (of: readonly number[]) => of.toSorted((left, right) => left - right)[of.length >> 1] as number;
  const row = (of: readonly number[][], at: number) => {
    const ratio = median(of[at]!.map((rate, round) => rate / of[2]![round]!));
    return `${median(of[at]!).toFixed(0)} | ${ratio.toFixed(2)}`;
  };
  console.log('| traffic | tokens/s | of one adapter alone | tokens per second of CPU | of one adapter alone |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const [at, [name]] of runs.entries()) console.log(`| ${name} | ${row(rates, at)} | ${row(cpuRates, at)} |`);
  const gaps: string[] = [];
  for (const [traffic, of] of [
    ['base + 1', 2],
    ['base + 3', 4],
  ] as const) {
    const [left, right] = [texts.get(`${traffic}, turns`)!, texts.get(`${traffic}, mixed`)!];
    let equal = 0;
    for (const [at, ids] of left.entries()) {
      const place = ids.findIndex((id, token) => id !== right[at]![token]);
      if (place === -1) equal++;
      else
        gaps.push(await gapAt(turns, promptOf(at), [null, ...names][at % of] as string | null, ids, right[at]!, place));
    }
    console.log(`${traffic}: ${equal} of ${streams} texts of mixed passes are those of turns`);
  }
  if (gaps.length > 0) console.log(`where the others part: ${gaps.join('; ')}`);
  await Promise.all([turns.close(), mixed.close()]);
} finally {
  await rm(folder, { recursive: true });
}
