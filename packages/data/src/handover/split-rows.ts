import { hash } from 'node:crypto';
import { promptOf, type Row } from '@cogumi/contracts';

/** A number from 0 to 1 that depends on nothing but the prompt: rows with one prompt are on one side of a split. */
export function placeOf(row: Pick<Row, 'history' | 'question' | 'steps'>): number {
  const turns = promptOf(row).map(({ role, content }) => [role, content]);
  return Number.parseInt(hash('sha256', JSON.stringify(turns)).slice(0, 13), 16) / 2 ** 52;
}

/**
 * The place below which rows are for validation, so that they are this share of all rows, as nearly as equal prompts allow.
 *
 * @param places - Of all rows.
 * @param share - 0 to 1; above 0, at least one row is for validation and, of several prompts, one for training.
 */
export function validationBound(places: readonly number[], share: number): number {
  if (share === 0 || places.length === 0) return 0;
  const sorted = Float64Array.from(places).sort();
  const count = Math.min(Math.max(Math.round(share * sorted.length), 1), sorted.length - 1);
  return sorted[count] ?? 0;
}
