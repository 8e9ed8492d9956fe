import { CogumiError, EXIT } from '@cogumi/contracts';
import type { DataSet } from './data-set.ts';
import { findById } from './find-row-by-id.ts';
import { indexSets } from './index-sets.ts';
import { openSets, type SetPlace } from './open-sets.ts';
import type { Fields } from './parse-row.ts';
import { scoreFields } from './score-fields.ts';
import { traceRow } from './trace-row.ts';

/** A file in which a row was found, and why it was rejected there. */
export interface RowOccurrence {
  readonly set: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reasons: readonly string[];
  /** The row that a duplicate is a duplicate of. */
  readonly canonical: string | null;
  readonly similarity: number | null;
}

export interface RowDescription {
  readonly occurrences: readonly RowOccurrence[];
  /** The parts of its score with reasons; null if the row has no text to score. */
  readonly score: Awaited<ReturnType<typeof scoreFields>>;
}

/**
 * Finds a row in all sets, and explains its score.
 *
 * @param id - Its `question_id`.
 * @throws CogumiError ROW_UNKNOWN; LOOK_FAILED if a file cannot be read, because the row may be in it. The signal's reason.
 */
export async function describeRow(
  places: readonly SetPlace[],
  id: string,
  signal: AbortSignal,
): Promise<RowDescription> {
  const sets = await openSets(places);
  await indexSets(sets, signal);
  signal.throwIfAborted();
  refuseUnread(sets);
  const occurrences: RowOccurrence[] = [];
  let fields: Fields | null = null;
  for (const { set, file, line, reasons } of await traceRow(sets, id)) {
    const from = sets[set]?.files.find(({ name }) => name === file);
    const row = from ? await findById(from, id) : null;
    const { canonical, similarity } = (row?.fields ?? {}) as { canonical?: unknown; similarity?: unknown };
    // The first file with the whole text; later ones may have only the id.
    if (fields === null && typeof row?.fields.question === 'string') fields = row.fields;
    occurrences.push({
      ...{ set: sets[set]?.name ?? '', file, line: line + 1, reasons },
      canonical: typeof canonical === 'string' ? canonical : null,
      similarity: typeof similarity === 'number' ? similarity : null,
    });
  }
  if (occurrences.length === 0) {
    throw new CogumiError(
      'ROW_UNKNOWN',
      `No row has the id ${JSON.stringify(id.slice(0, 80))}.`,
      'Ids are the `question_id` of rows.jsonl, e.g. import_0_000123: number of the source and of the record.',
      { exitCode: EXIT.usage },
    );
  }
  return { occurrences, score: fields ? await scoreFields(fields) : null };
}

/** Refuses to answer if a file could not be read to its end: a row in the rest would seem to be missing. */
function refuseUnread(sets: readonly DataSet[]): void {
  const problems = sets.flatMap(({ name: set, files }) =>
    files.flatMap(({ name, statistics: { problem } }) =>
      problem === null ? [] : [`${set}/${name} could not be read: ${problem}.`],
    ),
  );
  if (problems.length === 0) return;
  throw new CogumiError('LOOK_FAILED', problems.join(' '), 'Name the files to search: `cogumi data explain ID FILE…`.');
}
