import type { DataFile, DataSet } from './data-set.ts';
import { readRow } from './find-rows.ts';
import type { Fields, ParsedRow } from './parse-row.ts';

/** Position of a row. */
export interface Place {
  readonly set: number;
  readonly file: string;
  readonly line: number;
}

export type FoundRow = Place & { readonly fields: Fields };

/** The first row of a file with this id; null if there is none in the part that has been indexed. */
export async function findById(file: DataFile, id: string): Promise<ParsedRow | null> {
  for (const line of file.statistics.ids.candidates(id)) {
    const row = await readRow(file, line);
    if (row?.fields.question_id === id) return row;
  }
  return null;
}

/** The row with this id in the kept files: first of stage `set`, then of the stages before it, the nearest first. */
export async function findKept(sets: readonly DataSet[], set: number, id: string): Promise<FoundRow | null> {
  for (let at = set; at >= 0; at--) {
    for (const file of sets[at]?.files ?? []) {
      const row = file.role === 'kept' ? await findById(file, id) : null;
      if (row) return { set: at, file: file.name, line: row.line, fields: row.fields };
    }
  }
  return null;
}
