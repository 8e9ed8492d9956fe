import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeJsonl } from '../../packages/data/src/formats/jsonl.ts';
import { makeRow } from '../../packages/data/src/rows/make-row.ts';
import type { StageContext } from '../../packages/factory/src/stages/context.ts';
import { CurateOptions } from '../../packages/factory/src/stages/data/curate/options.ts';
import { curate } from '../../packages/factory/src/stages/data/curate/stage.ts';
import { FilterOptions } from '../../packages/factory/src/stages/data/filter/options.ts';
import { filter } from '../../packages/factory/src/stages/data/filter/stage.ts';
import type { Stage } from '../../packages/factory/src/stages/stage.ts';
import { sharedData } from '../../packages/pure/src/testing/shared-data.ts';
import { makeRows } from '../dedup/rows.ts';

// JSON Lines in and out: curate, then filter without and with benchmarks. `--times 13` makes 675 K rows.

const flag = process.argv.indexOf('--times');
const times = flag === -1 ? 2 : Number(process.argv[flag + 1]);
const folder = mkdtempSync(join(tmpdir(), 'cogumi-curate-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let rows = 0;
const seen = new Set<string>();
function* imported() {
  for (const text of makeRows(times)) {
    const end = text.indexOf('\n');
    const [question, answer] = end === -1 ? [text, text] : [text.slice(0, end), text.slice(end + 1)];
    const row = makeRow({ question_id: `row_${rows}`, question, answer, source: 'alpaca', licence: 'CC-BY-NC-4.0' });
    // As after `dedup`: a repeated row would be rejected early and cost less.
    if (seen.has(row.hash)) continue;
    seen.add(row.hash);
    rows++;
    yield row;
  }
}

interface Run<Options> {
  readonly stage: Stage<Options>;
  readonly options: Options;
  readonly from: string;
  readonly to: string;
  readonly sources?: Record<string, string>;
}

async function run<Options>({ stage, options, from, to, sources = {} }: Run<Options>): Promise<void> {
  const input = join(folder, from);
  const output = mkdtempSync(join(folder, `${to}-`));
  const context = {
    options,
    sources,
    output,
    signal: new AbortController().signal,
    progress: () => {},
    input: () => ({ manifest: { facts: { rows } }, path: (file: string) => join(input, file) }),
  };
  const before = process.cpuUsage();
  const began = performance.now();
  const { gates, facts } = await stage.run(context as unknown as StageContext<Options>);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${to.padEnd(26)} ${((user + system) / rows).toFixed(1)} µs of CPU a row, ${((seconds * 1e6) / rows).toFixed(1)} µs in all, ${memory} MiB peak, ${facts.rows} rows kept`,
  );
  for (const { name, measured, verdict } of gates) console.log(`  ${name}: ${measured} ${verdict}`);
  written[to] = output.slice(folder.length + 1);
}

const written: Record<string, string> = {};
await writeJsonl(join(folder, 'rows.jsonl'), imported());
console.log(`${rows} rows, ${(statSync(join(folder, 'rows.jsonl')).size / 1e6).toFixed(0)} MB`);
const benchmarks = [
  { name: 'mmlu', path: 'mmlu/val.jsonl.gz' },
  { name: 'bbh', path: 'bbh/object_counting.json' },
];
const sources = Object.fromEntries(benchmarks.map(({ path }, place) => [String(place), sharedData(path)]));
for (let round = 0; round < 2; round++) {
  await run({ stage: curate, options: CurateOptions.parse({}), from: '.', to: 'curate' });
  const from = written.curate as string;
  await run({ stage: filter, options: FilterOptions.parse({}), from, to: 'filter' });
  await run({
    stage: filter,
    options: FilterOptions.parse({ benchmarks }),
    from,
    to: 'filter with benchmarks',
    sources,
  });
}
