import type { DataSet } from './data-set.ts';
import { findKept, type Place } from './find-row-by-id.ts';
import type { ParsedRow } from './parse-row.ts';

/** A row with the text that its own line may lack. */
export type RowWithText = ParsedRow & {
  /** Where the text comes from; null: from the line itself, or from nowhere. */
  readonly textFrom: Place | null;
};

/**
 * Stages set rows aside by id and reason, without the text; it still stands where the row is whole, in this stage or one before.
 *
 * @param set - Place of the row's stage in the chain.
 */
export async function fillRowText(sets: readonly DataSet[], set: number, row: ParsedRow): Promise<RowWithText> {
  const { question, question_id: id } = row.fields;
  if (question !== undefined || typeof id !== 'string') return { ...row, textFrom: null };
  const whole = await findKept(sets, set, id);
  if (whole === null) return { ...row, textFrom: null };
  const { fields, ...textFrom } = whole;
  return { ...row, fields: { ...fields, ...row.fields }, textFrom };
}
