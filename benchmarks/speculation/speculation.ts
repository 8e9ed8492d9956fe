/**
 * Measures answers with and without drafts, side by side in each round, at temperature 0: answers that repeat their prompts, and new text.
 *
 *     node --conditions=source benchmarks/speculation/speculation.ts [MODEL.gguf] [--streams 1,4] [--tokens 96] [--rounds 2] [--threads 2]
 *
 * The model is by default SmolLM2-135M of models/smollm2.py.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chatPrompt, type ModelHost, openModel } from '../../packages/llama/src/index.ts';
import { median } from '../../packages/pure/src/index.ts';
import { DEFAULT_MODEL } from '../adapters/random-adapters.ts';
import { NEW, REPEATING } from './rows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    streams: { type: 'string', default: '1,4' },
    tokens: { type: 'string', default: '96' },
    rounds: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
  },
});
const [tokens, rounds, threads] = [values.tokens, values.rounds, values.threads].map(Number) as [
  number,
  number,
  number,
];
const modelPath = positionals[0] ?? DEFAULT_MODEL;

/** What one host made of all rows, so many at a time. */
interface Run {
  readonly ids: readonly (readonly number[])[];
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function promptOf(host: ModelHost, row: string): Promise<number[]> {
  return host.tokenize(chatPrompt(host.info, [{ role: 'user', content: row }]), { special: true });
}

/** Answers of all rows. The time is from the first token of each answer to its last: prompts are read alike. */
async function run(host: ModelHost, rows: readonly string[], streams: number): Promise<Run> {
  const waiting = [...rows.entries()];
  const ids: number[][] = rows.map(() => []);
  const began = performance.now();
  const used = cpuSeconds(host.pid);
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, row] = next;
      const prompt = await promptOf(host, row);
      // Another salt each time, so that no run finds the prompts of another in the cache.
      const request = { prompt, maxTokens: tokens, cacheSalt: `${salt++}` };
      for await (const piece of host.generate(request)) if (piece.kind === 'text') ids[at]!.push(...piece.ids);
    }
  };
  await Promise.all(Array.from({ length: streams }, worker));
  return { ids, seconds: (performance.now() - began) / 1000, cpuSeconds: cpuSeconds(host.pid) - used };
}
let salt = 0;

/** What the threads of a process have computed so far: on a busy machine a steadier measure than the clock. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // User and system time, in ticks of 10 ms (proc(5)).
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How far apart the logits of two tokens are where texts part, and the range of all logits. */
async function gapAt(host: ModelHost, prompt: readonly number[], left: readonly number[], right: readonly number[]) {
  const place = left.findIndex((id, at) => id !== right[at]);
  const end = host.info.endIds[0] as number;
  const logits = await host.logits([...prompt, ...left.slice(0, place)], { from: prompt.length + place - 1 });
  const gap = Math.abs(logits[left[place] ?? end]! - logits[right[place] ?? end]!);
  return `token ${place}: ${gap.toFixed(3)} of ${(Math.max(...logits) - Math.min(...logits)).toFixed(0)}`;
}

const count = (ids: Run['ids']) => ids.reduce((sum, { length }) => sum + length, 0);

const all = values.streams.split(',').map(Number);
const options = { modelPath, threads, sequences: Math.max(...all), contextTokens: 1024 };
const plain = await openModel(options);
const drafted = await openModel({ ...options, speculate: 'lookup' });
console.log(`${modelPath}: answers of up to ${tokens} tokens, ${threads} threads, ${rounds} rounds`);
console.log(JSON.stringify(drafted.info.speculation));
console.log(
  '| answers | side by side | tokens/s without | with | speed | by CPU time | drafted | accepted | equal texts |',
);
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
const gaps: string[] = [];
for (const streams of all) {
  for (const [name, rows] of [
    ['repeat the prompt', REPEATING],
    ['are new text', NEW],
  ] as const) {
    const before = await drafted.statistics();
    const pairs: (readonly [without: Run, withDrafts: Run])[] = [];
    for (let round = 0; round < rounds; round++) {
      pairs.push([await run(plain, rows, streams), await run(drafted, rows, streams)]);
    }
    const after = await drafted.statistics();
    const draftedTokens = after.drafts.lookup.draftedTokens - before.drafts.lookup.draftedTokens;
    const acceptedTokens = after.drafts.lookup.acceptedTokens - before.drafts.lookup.acceptedTokens;
    const rate = (side: 0 | 1) => median(pairs.map((pair) => count(pair[side].ids) / pair[side].seconds));
    const ratio = (of: 'seconds' | 'cpuSeconds') =>
      median(pairs.map(([a, b]) => count(b.ids) / b[of] / (count(a.ids) / a[of]))).toFixed(2);
    const [without, withDrafts] = pairs[0]!;
    let equal = 0;
    for (const [at, ids] of without.ids.entries()) {
      if (ids.join() === withDrafts.ids[at]!.join()) equal++;
      else gaps.push(await gapAt(plain, await promptOf(plain, rows[at] as string), ids, withDrafts.ids[at]!));
    }
    const share = draftedTokens === 0 ? '–' : `${Math.round((100 * acceptedTokens) / draftedTokens)}%`;
    console.log(
      `| ${name} | ${streams} | ${rate(0).toFixed(0)} | ${rate(1).toFixed(0)} | ${ratio('seconds')} | ${ratio('cpuSeconds')} | ${Math.round(draftedTokens / rounds)} | ${share} | ${equal} of ${rows.length} |`,
    );
  }
}
if (gaps.length > 0) console.log(`where the others part: ${gaps.join('; ')}`);
await Promise.all([plain.close(), drafted.close()]);
