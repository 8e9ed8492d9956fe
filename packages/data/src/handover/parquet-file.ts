import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column } from './columns.ts';

/** Rows of a row group (chosen): some megabytes of text, which a reader holds at once. */
const GROUP_ROWS = 10_000;

/** Writes records as a Parquet file, one row group at a time. */
export interface ParquetFile {
  write(record: object): void;
  end(): void;
}

/** Opens a Parquet file for records with these columns. */
export function openParquet(path: string, columns: readonly Column[]): ParquetFile {
  const schema: SchemaElement[] = [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(elementsOf)];
  const writer = new ParquetWriter({ writer: fileWriter(path), schema });
  let group: Record<string, unknown>[] = [];
  const flush = () => {
    if (group.length === 0) return;
    writer.write({
      columnData: columns.map(({ name }) => ({ name, data: group.map((record) => record[name] ?? null) })),
      rowGroupSize: group.length,
    });
    group = [];
  };
  return {
    write: (record) => {
      group.push(record as Record<string, unknown>);
      if (group.length === GROUP_ROWS) flush();
    },
    end: () => {
      flush();
      writer.finish();
    },
  };
}

function elementsOf(column: Column): SchemaElement[] {
  if (column.kind === 'text') return [text(column.name)];
  if (column.kind === 'pairs') return list(column.name, list('element', [text('element')]));
  const inside = [...column.texts.map(text), ...(column.weight ? [whole('weight')] : [])];
  return list(column.name, [{ name: 'element', num_children: inside.length, repetition_type: 'OPTIONAL' }, ...inside]);
}

function text(name: string): SchemaElement {
  return {
    name,
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
    repetition_type: 'OPTIONAL',
  };
}

function whole(name: string): SchemaElement {
  return { name, type: 'INT32', repetition_type: 'OPTIONAL' };
}

/** A list in the three levels of Parquet's specification. */
function list(name: string, element: readonly SchemaElement[]): SchemaElement[] {
  return [
    { name, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' }, repetition_type: 'OPTIONAL' },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    ...element,
  ];
}
