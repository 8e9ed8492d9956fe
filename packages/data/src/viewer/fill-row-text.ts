import type { DataSet } from './data-set.ts';
import { findKept, type Place } from './find-row-by-id.ts';
import type { ParsedRow } from './parse-row.ts';

/** A row, with its text taken from elsewhere if its own line lacks it. */
export type RowWithText = ParsedRow & {
  /** Where the text comes from; null: from the line itself, or it was not found. */
  readonly textFrom: Place | null;
};

/**
 * Adds the text to a rejected row. Stages list some of them by id and reason only; the whole row is in this stage or one before.
 *
 * @param set - Index of the row's stage in the chain.
 */
export async function fillRowText(sets: readonly DataSet[], set: number, row: ParsedRow): Promise<RowWithText> {
  const { question, question_id: id } = row.fields;
  if (question !== undefined || typeof id !== 'string') return { ...row, textFrom: null };
  const whole = await findKept(sets, set, id);
  if (whole === null) return { ...row, textFrom: null };
  const { fields, ...textFrom } = whole;
  return { ...row, fields: { ...fields, ...row.fields }, textFrom };
}
