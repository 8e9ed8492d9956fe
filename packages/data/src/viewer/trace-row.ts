import type { DataSet, Role } from './data-set.ts';
import { findById, type Place } from './find-row-by-id.ts';
import { facetValues, scoreOf } from './row-facets.ts';

/** A file in which a row was found. */
export type Occurrence = Place & {
  readonly role: Role;
  readonly score: number | null;
  readonly reasons: readonly string[];
};

/** Every file with a row of this id, in the order of the stages, as far as the files have been indexed. */
export async function traceRow(sets: readonly DataSet[], id: string): Promise<Occurrence[]> {
  const occurrences: Occurrence[] = [];
  for (const [set, { files }] of sets.entries()) {
    for (const file of files) {
      const row = await findById(file, id);
      if (row === null) continue;
      const reasons = facetValues(row.fields, 'reason');
      occurrences.push({ set, file: file.name, line: row.line, role: file.role, score: scoreOf(row.fields), reasons });
    }
  }
  return occurrences;
}
