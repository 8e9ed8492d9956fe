import { join } from 'node:path';
import { readJsonl, withWriters } from '@cogumi/data/formats';
import { CuratedRow, SeenHashes } from '@cogumi/data/rows';
import type { Benchmark } from '@cogumi/data/text/contamination';
import { type ContaminationIndex, indexBenchmarks } from '@cogumi/data/text/contamination';
import type { StageContext } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { type Checked, checkRow } from './check-row.ts';
import { FilterTally } from './filter-tally.ts';
import { FilterOptions } from './options.ts';
import { type ReadBenchmark, readBenchmark } from './read-benchmark.ts';
import { type Checks, filterGateNames, filterGates, scanWritten } from './scan-written.ts';

/** Rows between two reports of progress. */
const STRIDE = 10_000;
/** Characters of a test item quoted in contamination.jsonl (chosen). */
const SAMPLE = 160;

/** Curated rows in, rows to train on out: no personal data, no repeats, no test items, no extreme lengths. */
export const filter = defineStage({
  name: 'filter',
  version: 9,
  inputs: { rows: 'rows' },
  output: 'rows',
  options: FilterOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: (options) => filterGateNames(measuredBy(options)),
  workload: ({ benchmarks }, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    // Checks: see import; benchmarks/curate.
    fixedSeconds: 0.05 + benchmarks.length,
    secondsPerItem: benchmarks.length > 0 ? 0.00006 : 0.00004,
    bytes: (rows?.items ?? 0) * 700,
  }),
  async run(context) {
    const { options, output, signal } = context;
    const benchmarks = await readBenchmarks(context);
    const index = benchmarks.length === 0 ? null : indexBenchmarks(benchmarks);
    const tally = await writeChecked(context, benchmarks, index);
    const redacted = tally.redactions.sentence();
    if (redacted !== null) context.warn(`${redacted}.`);
    const findings = await scanWritten(join(output, 'rows.jsonl'), index, signal);
    return {
      gates: filterGates(findings, measuredBy(options), index ? countJudged(benchmarks, index) : 0, redacted),
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

/** What the scan of the written rows looks for. */
function measuredBy({ pii, benchmarks }: FilterOptions): Checks {
  return { pii: pii !== 'off', contamination: benchmarks.length > 0 };
}

type Context = StageContext<FilterOptions>;

/** Reads the benchmark files in the order of the recipe; their paths are the stage's sources `0`, `1`, … */
async function readBenchmarks({ options, sources, signal }: Context): Promise<ReadBenchmark[]> {
  const benchmarks: ReadBenchmark[] = [];
  for (const [place, file] of options.benchmarks.entries()) {
    benchmarks.push(await readBenchmark(file, sources[String(place)] as string, signal));
  }
  return benchmarks;
}

/** Test items that are long enough to be found in a row. */
function countJudged(benchmarks: readonly ReadBenchmark[], { unjudged }: ContaminationIndex): number {
  return benchmarks.reduce((sum, { name, items }) => sum + items.length - (unjudged[name] ?? 0), 0);
}

async function writeChecked(context: Context, benchmarks: readonly Benchmark[], index: ContaminationIndex | null) {
  const { options, output, signal, progress } = context;
  const pathOf = (name: string) => join(output, `${name}.jsonl`);
  const paths = {
    rows: pathOf('rows'),
    rejected: pathOf('rejected'),
    contamination: pathOf('contamination'),
    redactions: pathOf('redactions'),
  };
  const seen = new SeenHashes();
  const tally = new FilterTally();
  const input = context.input('rows');
  await withWriters(paths, async ({ rows, rejected, contamination, redactions }) => {
    let read = 0;
    for await (const row of readJsonl(input.path('rows.jsonl'), CuratedRow)) {
      const checked = checkRow(row, index, options);
      const rejection = checked.rejection ?? repeatRejection(checked, seen);
      tally.count(checked, rejection?.reason ?? null);
      const { question_id, source, hash } = row;
      if (checked.contamination !== null) {
        await contamination.write({
          question_id,
          source,
          hash,
          ...checked.contamination,
          text: sampleOf(benchmarks, checked.contamination),
        });
      }
      if (rejection === null || rejection.reason === 'pii') {
        for (const redaction of checked.pii) await redactions.write({ question_id, source, ...redaction });
      }
      if (rejection === null) await rows.write(checked.row);
      else await rejected.write({ question_id, source, hash, ...rejection });
      if (++read % STRIDE === 0) {
        signal.throwIfAborted();
        progress({ done: read, total: Number(input.manifest.facts.rows), unit: 'rows' });
      }
    }
  });
  return tally;
}

/** Rejects a row that redaction has made equal to an earlier one. */
function repeatRejection({ row }: Checked, seen: SeenHashes): Checked['rejection'] {
  return seen.add(row.hash) ? null : { reason: 'duplicate', detail: 'the same content as an earlier row' };
}

function sampleOf(benchmarks: readonly Benchmark[], contamination: NonNullable<Checked['contamination']>): string {
  return (
    benchmarks.find(({ name }) => name === contamination.benchmark)?.items[contamination.item]?.slice(0, SAMPLE) ?? ''
  );
}
