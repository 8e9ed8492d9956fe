import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { runOwned } from '../../packages/pure/src/process/index.ts';
import { createRandom } from '../../packages/pure/src/random/random.ts';
import { sharedData } from '../../packages/pure/src/testing/shared-data.ts';
import { alpacaRecords, perturb, wordsOf } from '../dedup/rows.ts';

// The whole chain as a user runs it: `cogumi data filter` on a file of rows, one thread. `--times 13` makes 675 K rows.

const { values } = parseArgs({
  options: { times: { type: 'string', default: '13' }, threads: { type: 'string', default: '1' } },
});
const times = Number(values.times);
const folder = mkdtempSync(join(tmpdir(), 'cogumi-chain-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const records = alpacaRecords();
const words = wordsOf(records.map(({ output }) => output));

/** The first copy unchanged, the others with more and more words replaced, from 2 to 30%. */
function* lines() {
  const random = createRandom('benchmarks/data');
  for (let copy = 0; copy < times; copy++) {
    const share = copy === 0 ? 0 : 0.02 + (0.28 * (copy - 1)) / Math.max(1, times - 2);
    for (const { instruction, input, output } of records) {
      const change = (text: string) => perturb(text, share, words, random);
      yield `${JSON.stringify({ instruction: change(instruction), input: change(input), output: change(output) })}\n`;
    }
  }
}
const path = join(folder, 'rows.jsonl');
await pipeline(lines, createWriteStream(path));

const rows = records.length * times;
const benchmark = `filter.benchmarks=[{name: mmlu, path: ${sharedData('mmlu/val.jsonl.gz')}}]`;
const command = [
  ...['--conditions=source', join(import.meta.dirname, '../../packages/cli/src/main.ts'), 'data', 'filter', path],
  ...[
    '--store',
    join(folder, 'store'),
    '--set',
    `threads=${values.threads}`,
    '--set',
    benchmark,
    '--set',
    'dedup.mostLost=1',
    '--json',
  ],
];
const began = performance.now();
const { stdout, stderr, code, signal } = await runOwned(process.execPath, command);
const seconds = (performance.now() - began) / 1000;
// A run that failed early would show a high rate. With `--json` the last line of the output describes a failure.
if (code !== 0) {
  const last = stdout.trimEnd().split('\n').at(-1);
  throw new Error(`cogumi data filter ended with ${signal ?? code}: ${last}\n${stderr}`);
}
const events = stdout
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
for (const { stage, elapsedMs } of events.filter(({ event }) => event === 'stage-end')) {
  console.log(
    `${stage.padEnd(10)} ${(elapsedMs / 1000).toFixed(1).padStart(7)} s  ${((elapsedMs * 1000) / rows).toFixed(1).padStart(6)} µs a row`,
  );
}
const peak = events.find(({ event }) => event === 'build-end')?.peakMemoryBytes ?? 0;
console.log(
  `${rows} rows in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} rows/s, at most ${Math.round(peak / 2 ** 20)} MiB; 4.5 M rows on 10 cores at this rate: ${(4.5e6 / (rows / seconds) / 10).toFixed(0)} s`,
);
