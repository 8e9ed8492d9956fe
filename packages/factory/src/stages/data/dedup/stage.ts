import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chatOf, promptOf } from '@cogumi/contracts';
import { countStatus, DuplicateFinder, type Duplicates, EXACT, KEPT, NEAR } from '@cogumi/data/dedup';
import { readJsonl, withWriters } from '@cogumi/data/formats';
import type { StageContext } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { DedupRow } from './dedup-row.ts';
import { largestClusters } from './largest-clusters.ts';
import { lossGates } from './loss-gates.ts';
import { DedupOptions } from './options.ts';
import { RowPriorities } from './row-priorities.ts';
import { tallySources } from './tally-sources.ts';

/** Shingles beyond this go to a file: a search among 10 M rows then takes 2.6 GB in all (measured; benchmarks/dedup). */
const MEMORY_BYTES = 2 ** 29;
/** Fewest rows for which threads pay: at 52 K a second one costs more than it saves (measured; benchmarks/dedup). */
const THREADS_FROM = 200_000;
/** Characters of a text quoted in the report (chosen). */
const SAMPLE = 160;
/** Rows between two reports of progress. */
const REPORT_EVERY = 10_000;

/** Rows in, rows without near-duplicates out; each rejected row names the row it is a duplicate of. */
export const dedup = defineStage({
  name: 'dedup',
  version: 7,
  inputs: { rows: 'rows' },
  output: 'rows',
  options: DedupOptions,
  cacheInputs: [],
  resumable: false,
  // Sources are known once their rows are read.
  gateNames: () => ['loss-*', 'small-sources-loss'],
  workload: (_options, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    fixedSeconds: 0.12,
    // 7 µs for the search, the rest for reading twice and writing once (measured: see import; benchmarks/dedup).
    secondsPerItem: 0.000025,
    bytes: (rows?.items ?? 0) * 600,
  }),
  async run(context) {
    const priorities = new RowPriorities();
    const duplicates = await find(context, priorities);
    const clusters = largestClusters(duplicates, priorities);
    const shown = new Set(clusters.flatMap(({ canonical, members }) => [canonical, ...members]));
    const samples = await write(context, duplicates, priorities, shown);

    const bySource = tallySources(duplicates, priorities);
    const sampleOf = (row: number) => ({
      question_id: priorities.id(row),
      similarity: duplicates.similarity[row] as number,
      text: samples.get(row) as string,
    });
    return {
      gates: lossGates(bySource, context.options.mostLost),
      facts: {
        rows: countStatus(duplicates, KEPT),
        rejected: duplicates.status.length - countStatus(duplicates, KEPT),
        exact: countStatus(duplicates, EXACT),
        near: countStatus(duplicates, NEAR),
        bySource,
        clusters: clusters.map(({ canonical, rows, members }) => ({
          rows,
          canonical: priorities.id(canonical),
          text: samples.get(canonical) as string,
          members: members.map(sampleOf),
        })),
      },
      items: duplicates.canonical.length,
    };
  },
});

type Context = StageContext<DedupOptions>;

/** First reading: adds the texts to the finder and what decides between duplicates to `priorities`. */
async function find(context: Context, priorities: RowPriorities): Promise<Duplicates> {
  const { options, threads, output } = context;
  const work = join(output, 'work');
  await mkdir(work, { recursive: true });
  const finder = new DuplicateFinder({
    threshold: options.threshold,
    threads: rowsIn(context) >= THREADS_FROM ? threads : 1,
    memoryBytes: MEMORY_BYTES,
    spillPath: join(work, 'shingles'),
  });
  try {
    for await (const row of rowsOf(context, 'read')) {
      finder.add(textOf(row, options.text));
      priorities.add(row);
    }
    return await finder.find(priorities.order(), (done, total) => {
      context.signal.throwIfAborted();
      context.progress({ done, total, unit: 'rows', note: 'compare' });
    });
  } finally {
    await finder.close();
  }
}

/** Second reading: writes each row to rows.jsonl or rejected.jsonl. @returns The beginnings of the texts in `shown`. */
async function write(
  context: Context,
  { canonical, similarity, status }: Duplicates,
  priorities: RowPriorities,
  shown: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const paths = { rows: join(context.output, 'rows.jsonl'), rejected: join(context.output, 'rejected.jsonl') };
  return withWriters(paths, async ({ rows, rejected }) => {
    const samples = new Map<number, string>();
    let at = 0;
    for await (const row of rowsOf(context, 'write')) {
      if (shown.has(at)) samples.set(at, textOf(row, context.options.text).slice(0, SAMPLE));
      const full =
        status[at] === KEPT
          ? rows.write(row)
          : rejected.write({
              ...row,
              reason: status[at] === EXACT ? 'exact' : 'near',
              canonical: priorities.id(canonical[at] as number),
              similarity: similarity[at],
            });
      if (full) await full;
      at++;
    }
    return samples;
  });
}

function rowsIn({ input }: Context): number {
  return Number(input('rows').manifest.facts.rows ?? 0);
}

/** The rows of the input. Reports progress and stops when the build is aborted. */
async function* rowsOf(context: Context, note: string): AsyncGenerator<DedupRow> {
  const { input, progress, signal } = context;
  const rows = input('rows');
  const total = rowsIn(context);
  let done = 0;
  for await (const row of readJsonl(rows.path('rows.jsonl'), DedupRow)) {
    yield row;
    if (++done % REPORT_EVERY !== 0) continue;
    signal.throwIfAborted();
    progress({ done, total, unit: 'rows', note });
  }
}

/** The text that is compared. */
function textOf(row: DedupRow, text: DedupOptions['text']): string {
  const turns = text === 'row' ? chatOf(row) : promptOf({ ...row, steps: [] });
  return turns.map(({ content }) => content).join('\n');
}
