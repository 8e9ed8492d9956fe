import { join } from 'node:path';
import type { Row } from '@cogumi/contracts';
import { z } from 'zod';
import { type JsonlWriter, openJsonlWriter, readJsonl } from '../formats/jsonl.ts';
import { columnsOf, type OptionalFields } from './columns.ts';
import { openParquet } from './parquet-file.ts';
import { type Form, formRow } from './record-forms.ts';
import { placeOf, validationBound } from './split-rows.ts';

/** How rows are handed over. */
export interface Handover {
  readonly form: Form;
  /** True: Parquet; false: JSON Lines. */
  readonly parquet: boolean;
  /** Share of the rows that is for validation, 0 to 1; 0: no file for it. */
  readonly validationShare: number;
}

export interface WrittenFile {
  readonly name: string;
  readonly split: 'train' | 'validation';
  readonly rows: number;
}

export interface Written {
  readonly files: readonly WrittenFile[];
  /** Rows that the form cannot hold, by reason. */
  readonly left: ReadonlyMap<string, number>;
  /** Fields that some records have. */
  readonly optional: OptionalFields;
}

/** Rows that a stage has checked. */
const CheckedRow = z.custom<Row>();

/** Names of the files that a handover writes. */
export function namesOf({ form, parquet, validationShare }: Handover): { train: string; validation: string | null } {
  const ending = parquet ? 'parquet' : 'jsonl';
  const split = validationShare > 0;
  return {
    train: form === 'rows' && !split ? `rows.${ending}` : `train.${ending}`,
    validation: split ? `validation.${ending}` : null,
  };
}

/**
 * Writes rows in the form that a trainer reads, split into training and validation.
 *
 * @param path - File of rows.
 * @param folder - Where the files go; it exists.
 * @param onLeft - Receives each row that the form cannot hold, with the reason.
 */
export async function writeTrainingFiles(
  path: string,
  folder: string,
  handover: Handover,
  onLeft: (row: Row, reason: string) => Promise<void> | undefined,
): Promise<Written> {
  const { form, parquet, validationShare } = handover;
  const { bound, optional } = await survey(path, form, validationShare);
  const names = namesOf(handover);
  const open = (name: string) =>
    parquet ? parquetOf(join(folder, name), form, optional) : openJsonlWriter(join(folder, name));
  const train = { name: names.train, writer: open(names.train), rows: 0 };
  const validation =
    names.validation === null ? null : { name: names.validation, writer: open(names.validation), rows: 0 };
  const left = new Map<string, number>();
  try {
    for await (const row of readJsonl(path, CheckedRow)) {
      const formed = formRow(row, form);
      if ('reason' in formed) {
        left.set(formed.reason, (left.get(formed.reason) ?? 0) + 1);
        await onLeft(row, formed.reason);
        continue;
      }
      const file = validation !== null && placeOf(row) < bound ? validation : train;
      file.rows++;
      await file.writer.write(complete(formed.record, optional));
    }
    await train.writer.end();
    await validation?.writer.end();
  } catch (cause) {
    await train.writer.discard();
    await validation?.writer.discard();
    throw cause;
  }
  const files: WrittenFile[] = [
    { name: train.name, split: 'train', rows: train.rows },
    ...(validation ? [{ name: validation.name, split: 'validation' as const, rows: validation.rows }] : []),
  ];
  return { files, left, optional };
}

/** First reading: where the split lies, and which fields the records have. */
async function survey(path: string, form: Form, share: number): Promise<{ bound: number; optional: OptionalFields }> {
  const places: number[] = [];
  const optional = { weight: false, system: false, history: false };
  for await (const row of readJsonl(path, CheckedRow)) {
    const formed = formRow(row, form);
    if ('reason' in formed) continue;
    const { messages = [], system, history } = formed.record as Partial<Record<string, object[]>>;
    if (messages.some((message) => 'weight' in message)) optional.weight = true;
    if (system !== undefined) optional.system = true;
    if (history !== undefined) optional.history = true;
    if (share > 0) places.push(placeOf(row));
  }
  return { bound: validationBound(places, share), optional };
}

/** A record with every field that some record has: a reader that guesses from the first ones fails at others. */
function complete(record: object, { weight, system, history }: OptionalFields): object {
  const { messages } = record as { messages?: readonly { role: string; weight?: number }[] };
  if (messages !== undefined) {
    const weigh = (message: { role: string }) => (message.role === 'assistant' ? { weight: 1, ...message } : message);
    return weight ? { messages: messages.map(weigh) } : record;
  }
  return { ...(system && { system: '' }), ...(history && { history: [] }), ...record };
}

type Writer = Pick<JsonlWriter, 'write' | 'end' | 'discard'>;

function parquetOf(path: string, form: Form, optional: OptionalFields): Writer {
  const columns = columnsOf(form, optional);
  if (columns.length === 0) throw new RangeError(`the form ${form} is written as JSON Lines only`);
  const file = openParquet(path, columns);
  return {
    write: (value) => {
      file.write(value as object);
      return undefined;
    },
    end: async () => file.end(),
    discard: async () => {},
  };
}
