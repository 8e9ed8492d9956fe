import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { countFate, DuplicateFinder, type Duplicates, EXACT, NEAR, STAYS } from '@cogumi/data/dedup';
import { readJsonl, withWriters } from '@cogumi/data/formats';
import type { StageContext } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { DedupRow } from './dedup-row.ts';
import { largestClusters } from './largest-clusters.ts';
import { lossGates } from './loss-gates.ts';
import { Merits } from './merits.ts';
import { DedupOptions } from './options.ts';
import { tallySources } from './tally.ts';

/** Shingles beyond this go to a file: finding duplicates among 10 M rows then takes 2.6 GB in all (measured; benchmarks/dedup). */
const MEMORY_BYTES = 2 ** 29;
/** Rows from which on threads pay: at 52 K the second one costs more than it brings (measured; benchmarks/dedup). */
const THREADS_FROM = 200_000;
/** Characters of a sample in the report. */
const SAMPLE = 160;
/** Rows between two reports of progress. */
const REPORT_EVERY = 10_000;

/** Rows in, those that are not nearly the same as a better one out, with what went and for whose sake. */
export const dedup = defineStage({
  name: 'dedup',
  version: 4,
  inputs: { rows: 'rows' },
  output: 'rows',
  options: DedupOptions,
  cacheInputs: [],
  resumable: false,
  workload: (_options, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    fixedSeconds: 0.12,
    // 7 µs to find them, the rest to read twice and write once (measured: see import; benchmarks/dedup).
    secondsPerItem: 0.000025,
    bytes: (rows?.items ?? 0) * 600,
  }),
  async run(context) {
    const merits = new Merits();
    const duplicates = await find(context, merits);
    const clusters = largestClusters(duplicates, merits);
    const shown = new Set(clusters.flatMap(({ keeper, members }) => [keeper, ...members]));
    const samples = await write(context, duplicates, merits, shown);

    const bySource = tallySources(duplicates, merits);
    const sampleOf = (row: number) => ({
      question_id: merits.id(row),
      similarity: duplicates.similarity[row] as number,
      text: samples.get(row) as string,
    });
    return {
      gates: lossGates(bySource, context.options.mostLost),
      facts: {
        rows: countFate(duplicates, STAYS),
        exact: countFate(duplicates, EXACT),
        near: countFate(duplicates, NEAR),
        bySource,
        clusters: clusters.map(({ keeper, rows, members }) => ({
          rows,
          keeper: merits.id(keeper),
          text: samples.get(keeper) as string,
          members: members.map(sampleOf),
        })),
      },
      items: duplicates.keeper.length,
    };
  },
});

type Context = StageContext<DedupOptions>;

/** Reads the rows once: their texts go into the finder, what decides between them into `merits`. */
async function find(context: Context, merits: Merits): Promise<Duplicates> {
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
      merits.add(row);
    }
    return await finder.find(merits.order(), (done, total) => {
      context.signal.throwIfAborted();
      context.progress({ done, total, unit: 'rows', note: 'compare' });
    });
  } finally {
    await finder.close();
  }
}

/** Reads them once more and writes each where it belongs; answers the beginnings of the texts that are to be shown. */
async function write(
  context: Context,
  { keeper, similarity, fate }: Duplicates,
  merits: Merits,
  shown: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const paths = { kept: join(context.output, 'rows.jsonl'), removed: join(context.output, 'removed.jsonl') };
  return withWriters(paths, async ({ kept, removed }) => {
    const samples = new Map<number, string>();
    let at = 0;
    for await (const row of rowsOf(context, 'write')) {
      if (shown.has(at)) samples.set(at, textOf(row, context.options.text).slice(0, SAMPLE));
      const full =
        fate[at] === STAYS
          ? kept.write(row)
          : removed.write({ ...row, keeper: merits.id(keeper[at] as number), similarity: similarity[at] });
      if (full) await full;
      at++;
    }
    return samples;
  });
}

function rowsIn({ input }: Context): number {
  return Number(input('rows').manifest.facts.rows ?? 0);
}

/** The input's rows; tells how far it is, and ends where the build does. */
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

/** What a reader would compare. */
function textOf({ history, question, answer }: DedupRow, text: DedupOptions['text']): string {
  const asked = [...history.map(({ content }) => content), question];
  return (text === 'row' ? [...asked, answer] : asked).join('\n');
}
