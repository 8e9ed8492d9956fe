/**
 * Measures one token of several streams: over the base, over one adapter, and over the base and adapters in mixed passes. Passes of all kinds
 * alternate; CPU time counts, so that other work on the machine disturbs less. It takes seconds.
 *
 *     node --conditions=source benchmarks/adapters/passes.ts [MODEL.gguf] [--streams 8] [--passes 12] [--rank 16] [--threads 1]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../../packages/llama/src/binding/model.ts';
import { DEFAULT_MODEL, writeRandomAdapters } from './random-adapters.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    streams: { type: 'string', default: '8' },
    passes: { type: 'string', default: '12' },
    rank: { type: 'string', default: '16' },
    threads: { type: 'string', default: '1' },
  },
});
const modelPath = positionals[0] ?? DEFAULT_MODEL;
const [sequences, passes, threads] = [values.streams, values.passes, values.threads].map(Number) as [
  number,
  number,
  number,
];
/** Adapters of the streams in turn, and whether the model has the callback for nodes. */
const KINDS: readonly [name: string, routes: (string | null)[], mixing: boolean][] = [
  ['base', [null], false],
  ['base, with the callback', [null], true],
  ['one adapter', ['a'], false],
  ['one adapter, with the callback', ['a'], true],
  ['base + 1, mixed', [null, 'a'], true],
  ['base + 3, mixed', [null, 'a', 'b', 'c'], true],
];
/** Passes that plan graphs. */
const FIRST = 3;

const folder = await mkdtemp(join(tmpdir(), 'passes-'));
const adapters = await writeRandomAdapters(folder, modelPath, Number(values.rank));
const runs = [];
for (const [name, routes, mixing] of KINDS) {
  const model = await loadModel({ modelPath, adapters, threads, sequences, contextTokens: 256, mixing });
  for (const adapter of mixing ? Object.keys(adapters) : []) model.mixing?.learn(adapter, sequences);
  runs.push({ name, routes, model, times: [] as number[] });
}
await rm(folder, { recursive: true });
for (let position = 0; position < passes + FIRST; position++) {
  for (const { routes, model, times } of runs) {
    const entries = Array.from({ length: sequences }, (_, sequence) => {
      const adapter = routes[sequence % routes.length] as string | null;
      return { token: 5, position, sequence, output: true, adapter, scale: 1 };
    });
    const used = process.cpuUsage();
    if (routes.length > 1) model.mixing?.decode(entries);
    else {
      model.useAdapter(routes[0] as string | null);
      model.decode(entries, false);
    }
    model.logits(sequences - 1);
    const { user, system } = process.cpuUsage(used);
    if (position >= FIRST) times.push((user + system) / 1000);
  }
}
const at = (times: readonly number[], share: number) =>
  times.toSorted((left, right) => left - right)[Math.floor(times.length * share)] as number;
const one = runs[2]!.times;
console.log('| traffic | CPU ms, shortest | quartile | speed of one adapter alone |\n| --- | ---: | ---: | ---: |');
for (const { name, times } of runs) {
  const [shortest, quartile] = [at(times, 0), at(times, 0.25)];
  const ratios = `${(at(one, 0) / shortest).toFixed(2)} to ${(at(one, 0.25) / quartile).toFixed(2)}`;
  console.log(`| ${name} | ${shortest.toFixed(1)} | ${quartile.toFixed(1)} | ${ratios} |`);
}
process.exit(0);
