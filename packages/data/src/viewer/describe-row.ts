import { CogumiError, EXIT } from '@cogumi/contracts';
import type { DataSet } from './data-set.ts';
import { findById } from './find-row-by-id.ts';
import { indexSets } from './index-sets.ts';
import { openSets, type SetPlace } from './open-sets.ts';
import type { Fields } from './parse-row.ts';
import { scoreFields } from './score-fields.ts';
import { traceRow } from './trace-row.ts';

/** Where a row stood, and why it went if it did. */
export interface RowOccurrence {
  readonly set: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reasons: readonly string[];
  /** For whose sake a duplicate went. */
  readonly canonical: string | null;
  readonly similarity: number | null;
}

export interface RowDescription {
  readonly occurrences: readonly RowOccurrence[];
  /** Its parts with reasons; null where the row has no text to score. */
  readonly score: Awaited<ReturnType<typeof scoreFields>>;
}

/**
 * A row's way through sets, and what it scores and why.
 *
 * @param id - Its `question_id`.
 * @throws CogumiError ROW_UNKNOWN; LOOK_FAILED when a file cannot be read: the row may be in it. The signal's reason.
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
    // The first place with the whole text; later ones may hold its id alone.
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
      'Ids are `question_id` in rows.jsonl, like import_0_000123: source and number of the record.',
      { exitCode: EXIT.usage },
    );
  }
  return { occurrences, score: fields ? await scoreFields(fields) : null };
}

/** A statistics notes what stopped it and goes on; what it did not come to would be taken for what is not there. */
function refuseUnread(sets: readonly DataSet[]): void {
  const problems = sets.flatMap(({ name: set, files }) =>
    files.flatMap(({ name, statistics: { problem } }) =>
      problem === null ? [] : [`${set}/${name} could not be read: ${problem}.`],
    ),
  );
  if (problems.length === 0) return;
  throw new CogumiError(
    'LOOK_FAILED',
    problems.join(' '),
    'Name the files to look in: `cogumi data explain ID FILE…`.',
  );
}
