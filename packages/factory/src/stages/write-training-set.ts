import { join } from 'node:path';
import { writeJsonl } from '@cogumi/data/formats';

/**
 * Writes shuffled rows as a training set: the first of them to `validation.jsonl`, at least one, the rest to `train.jsonl`.
 *
 * @param validationShare - 0..1, of all rows.
 * @returns How many rows each file has.
 */
export async function writeTrainingSet(
  output: string,
  rows: readonly object[],
  validationShare: number,
): Promise<{ train: number; validation: number }> {
  const validation = Math.min(rows.length, Math.max(1, Math.round(rows.length * validationShare)));
  await writeJsonl(join(output, 'validation.jsonl'), rows.slice(0, validation));
  await writeJsonl(join(output, 'train.jsonl'), rows.slice(validation));
  return { train: rows.length - validation, validation };
}
