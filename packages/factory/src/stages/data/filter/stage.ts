import { join } from 'node:path';
import { readJsonl, withWriters } from '@cogumi/data/formats';
import { CuratedRow, SeenHashes } from '@cogumi/data/rows';
import type { Benchmark } from '@cogumi/data/text/contamination';
import { indexBenchmarks, type LeakIndex } from '@cogumi/data/text/contamination';
import type { StageContext } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { type Checked, checkRow } from './check-row.ts';
import { FilterOptions } from './options.ts';
import { type ReadBenchmark, readBenchmark } from './read-benchmark.ts';
import { filterGates, scanWritten } from './scan-written.ts';
import { Tally } from './tally.ts';

/** Rows between two words about progress. */
const STRIDE = 10_000;
/** Characters of a test item in leaks.jsonl. */
const SAMPLE = 160;

/** Curated rows in, rows that may be trained on out: nothing personal, nothing twice, no test item, of sane length. */
export const filter = defineStage({
  name: 'filter',
  version: 3,
  inputs: { rows: 'rows' },
  output: 'rows',
  options: FilterOptions,
  cacheInputs: [],
  resumable: false,
  workload: ({ benchmarks }, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    // Measured: see import; benchmarks/curate.
    fixedSeconds: 0.05 + benchmarks.length,
    secondsPerItem: benchmarks.length > 0 ? 0.00006 : 0.00004,
    bytes: (rows?.items ?? 0) * 700,
  }),
  async run(context) {
    const { options, output, signal } = context;
    const benchmarks = await readBenchmarks(context);
    const index = benchmarks.length === 0 ? null : indexBenchmarks(benchmarks);
    const tally = await writeChecked(context, benchmarks, index);
    const findings = await scanWritten(join(output, 'rows.jsonl'), index, signal);
    return {
      gates: filterGates(findings, { pii: options.pii !== 'off', leakage: index !== null }),
      facts: {
        ...tally.facts(),
        benchmarks: Object.fromEntries(
          benchmarks.map(({ name, items, unreadable }) => [
            name,
            { items: items.length, unreadable, notJudged: index?.unjudged[name] ?? 0 },
          ]),
        ),
      },
      items: tally.read,
    };
  },
});

type Context = StageContext<FilterOptions>;

/** The files of the recipe, in its order; their paths are sources of the stage: `0`, `1`, … */
async function readBenchmarks({ options, sources, signal }: Context): Promise<ReadBenchmark[]> {
  const benchmarks: ReadBenchmark[] = [];
  for (const [place, file] of options.benchmarks.entries()) {
    benchmarks.push(await readBenchmark(file, sources[String(place)] as string, signal));
  }
  return benchmarks;
}

async function writeChecked(context: Context, benchmarks: readonly Benchmark[], index: LeakIndex | null) {
  const { options, output, signal, progress } = context;
  const pathOf = (name: string) => join(output, `${name}.jsonl`);
  const paths = { rows: pathOf('rows'), removed: pathOf('removed'), leaks: pathOf('leaks') };
  const seen = new SeenHashes();
  const tally = new Tally();
  const input = context.input('rows');
  await withWriters(paths, async ({ rows, removed, leaks }) => {
    let read = 0;
    for await (const row of readJsonl(input.path('rows.jsonl'), CuratedRow)) {
      const checked = checkRow(row, index, options);
      const removal = checked.removal ?? repeatRemoval(checked, seen);
      tally.count(checked, removal?.reason ?? null);
      const { question_id, source, hash } = row;
      if (checked.leak !== null) {
        await leaks.write({ question_id, source, hash, ...checked.leak, text: sampleOf(benchmarks, checked.leak) });
      }
      if (removal === null) await rows.write(checked.row);
      else await removed.write({ question_id, source, hash, ...removal });
      if (++read % STRIDE === 0) {
        signal.throwIfAborted();
        progress({ done: read, total: Number(input.manifest.facts.rows), unit: 'rows' });
      }
    }
  });
  return tally;
}

/** Rows that differed by what was redacted alone are the same now. */
function repeatRemoval({ row }: Checked, seen: SeenHashes): Checked['removal'] {
  return seen.add(row.hash) ? null : { reason: 'duplicate', detail: 'the same content as an earlier row' };
}

function sampleOf(benchmarks: readonly Benchmark[], leak: NonNullable<Checked['leak']>): string {
  return benchmarks.find(({ name }) => name === leak.benchmark)?.items[leak.item]?.slice(0, SAMPLE) ?? '';
}
