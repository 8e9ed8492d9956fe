import { join } from 'node:path';
import { Row } from '@cogumi/contracts';
import { assessRow } from '@cogumi/data/curation';
import { readJsonl, withWriters } from '@cogumi/data/formats';
import type { CuratedRow } from '@cogumi/data/rows';
import { type Identifier, loadIdentifier } from '@cogumi/data/text';
import { measureRow } from '@cogumi/data/text/score';
import { z } from 'zod';
import type { StageContext } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { curationFacts } from './curation-facts.ts';
import { CurateOptions } from './options.ts';
import { ScoreTable } from './score-table.ts';
import { OUTCOMES, selectRows } from './select-rows.ts';

/** Rows between two reports of progress. */
const STRIDE = 10_000;

/** Rows of the second reading: the first has validated them. */
const CheckedRow = z.custom<Row>();

/** Imported rows in, those worth training on out, scored and labelled; rejected rows are listed with score and reason. */
export const curate = defineStage({
  name: 'curate',
  version: 5,
  inputs: { rows: 'rows' },
  output: 'rows',
  options: CurateOptions,
  cacheInputs: [],
  resumable: false,
  workload: (_options, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    // Measured: see import.
    fixedSeconds: 0.6,
    secondsPerItem: 0.00004,
    bytes: (rows?.items ?? 0) * 700,
  }),
  async run(context) {
    const { path: pathOf, manifest } = context.input('rows');
    const path = pathOf('rows.jsonl');
    const table = await scoreRows(path, Number(manifest.facts.rows), context);
    const outcomes = selectRows(table, context.options);
    await writeChosen(path, table, outcomes, context);
    return { gates: [], facts: curationFacts(table, outcomes), items: table.rows };
  },
});

type Context = Pick<StageContext<CurateOptions>, 'output' | 'signal' | 'progress'>;

/** First reading: collects score and labels of every row, not its text. */
async function scoreRows(path: string, rows: number, { signal, progress }: Context): Promise<ScoreTable> {
  const table = new ScoreTable();
  let identify: Identifier | null = null;
  for await (const row of readJsonl(path, Row)) {
    const measures = measureRow(row);
    if (measures.language === 'unsure') identify ??= await loadIdentifier();
    const { identified, parts, labels } = assessRow(row, measures, identify ?? unneeded);
    table.add({
      parts,
      source: row.source,
      domain: labels.domain.domain,
      difficulty: labels.difficulty.difficulty,
      language: identified.language,
      hash: row.hash,
      id: row.question_id,
    });
    if (table.rows % STRIDE === 0) {
      signal.throwIfAborted();
      progress({ done: table.rows, total: 2 * rows, unit: 'rows', note: 'scored' });
    }
  }
  return table;
}

function unneeded(): never {
  throw new Error('the identifier was called for a row whose words had already settled its language');
}

/** Second reading: writes each row to rows.jsonl or rejected.jsonl. */
async function writeChosen(path: string, table: ScoreTable, outcomes: Uint8Array, context: Context): Promise<void> {
  const paths = { rows: join(context.output, 'rows.jsonl'), rejected: join(context.output, 'rejected.jsonl') };
  await withWriters(paths, async ({ rows, rejected }) => {
    let at = 0;
    for await (const row of readJsonl(path, CheckedRow)) {
      const score = table.score(at);
      const reason = OUTCOMES[outcomes[at] as number];
      if (reason === 'kept') {
        const labels = { domain: table.domain(at), difficulty: table.difficulty(at) };
        const curated: CuratedRow = { ...row, ...labels, score, language: table.language(at) };
        await rows.write(curated);
      } else {
        const { question_id, source, hash } = row;
        await rejected.write({
          question_id,
          source,
          hash,
          score,
          parts: table.parts(at),
          language: table.language(at),
          reason,
        });
      }
      if (++at % STRIDE === 0) {
        context.signal.throwIfAborted();
        context.progress({ done: table.rows + at, total: 2 * table.rows, unit: 'rows', note: 'written' });
      }
    }
  });
}
