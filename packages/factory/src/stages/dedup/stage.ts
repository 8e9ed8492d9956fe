import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Gate, Row } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '../../artifacts/jsonl.ts';
import { findDuplicates } from '../../dedup/find-duplicates.ts';
import { packTexts } from '../../dedup/pack-texts.ts';
import { defineStage } from '../../stage/stage.ts';
import { DedupOptions } from './options.ts';

/** How many clusters the report shows, the largest first. */
const SHOWN_CLUSTERS = 10;
/** Characters of a sample in the report. */
const SAMPLE = 160;

/** Imported rows in, those that are not nearly the same as a better one out, with what went and for whose sake. */
export const dedup = defineStage({
  name: 'dedup',
  version: 2,
  inputs: { rows: 'rows' },
  output: 'rows',
  options: DedupOptions,
  relies: [],
  resumable: false,
  workload: (_options, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    fixedSeconds: 0.1,
    // 7 µs to find them, the rest to read and write (measured; docs/log.md).
    secondsPerItem: 0.00004,
    bytes: (rows?.items ?? 0) * 600
  }),
  async run({ input, options, output }) {
    const rows = await readAllJsonl(input('rows').path('rows.jsonl'), Row);
    const texts = rows.map((row) => textOf(row, options.text));
    const sources = [...new Set(rows.map(({ source }) => source))];
    const { keeper, similarity, exact, near } = findDuplicates(
      packTexts(texts),
      byMerit(rows, texts),
      options.threshold,
    );

    const stays = (at: number) => keeper[at] === at;
    const removed = rows.flatMap((row, at) => {
      const kept = rows[keeper[at] as number] as Row;
      return stays(at) ? [] : [{ ...row, keeper: kept.question_id, similarity: similarity[at] as number }];
    });
    await writeJsonl(
      join(output, 'rows.jsonl'),
      rows.filter((_, at) => stays(at)),
    );
    await writeJsonl(join(output, 'removed.jsonl'), removed);

    const bySource = Object.fromEntries(
      sources.map((source) => {
        const own = rows.filter((row) => row.source === source).length;
        return [source, { rows: own, removed: removed.filter((row) => row.source === source).length }];
      }),
    );
    const clusters = [...Map.groupBy(rows.keys(), (at) => keeper[at] as number)]
      .filter(([, members]) => members.length > 1)
      .sort(([left, mine], [right, theirs]) => theirs.length - mine.length || left - right)
      .slice(0, SHOWN_CLUSTERS)
      .map(([kept, members]) => ({
        rows: members.length,
        keeper: (rows[kept] as Row).question_id,
        text: (texts[kept] as string).slice(0, SAMPLE),
      }));
    return {
      gates: sources.map((source): Gate => lossGate(source, bySource[source] as Loss, options.mostLost)),
      facts: { rows: rows.length - removed.length, exact, near, bySource, clusters },
    };
  },
});

interface Loss {
  readonly rows: number;
  readonly removed: number;
}

function lossGate(source: string, { rows, removed }: Loss, mostLost: number): Gate {
  return {
    name: `loss-${source}`,
    criterion: `${source} loses no more of its rows than a set that is clean`,
    bound: 'at-most',
    threshold: mostLost,
    measured: removed / rows,
    interval: null,
    unit: 'share of rows',
    evidence: `removed.jsonl: ${removed} of ${rows} rows, each with its keeper and their similarity`,
    verdict: removed / rows <= mostLost ? 'pass' : 'fail',
    advice:
      'Look at removed.jsonl: a template that all rows share, or a set that stands twice? Else raise `dedup.mostLost`.',
  };
}

/** What a reader would compare. */
function textOf({ history, question, answer }: Row, text: DedupOptions['text']): string {
  const asked = [...history.map(({ content }) => content), question];
  return (text === 'row' ? [...asked, answer] : asked).join('\n');
}

/** Places of the rows, best first: until rows are scored, earlier sources before later ones, then by their own hash. */
function byMerit(rows: readonly Row[], texts: readonly string[]): Uint32Array {
  const sources = new Map([...new Set(rows.map(({ source }) => source))].map((source, at) => [source, at]));
  const merits = rows.map(({ source }, at) => ({
    at,
    source: sources.get(source) as number,
    hash: createHash('sha256')
      .update(texts[at] as string)
      .digest('hex'),
  }));
  merits.sort(
    (left, right) =>
      left.source - right.source || (left.hash < right.hash ? -1 : left.hash > right.hash ? 1 : left.at - right.at),
  );
  return Uint32Array.from(merits, ({ at }) => at);
}
