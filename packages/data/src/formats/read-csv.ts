import { DamagedFile } from './byte-source.ts';
import { type FileRecord, unreadable } from './record.ts';
import { createTableSplitter, type TableRecord } from './split-table.ts';

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Reads the rows of a table as objects of strings, with the names in its first line.
 *
 * @throws DamagedFile if a quote is not closed at the end of the file, or the header cannot be read.
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, delimiter: ',' | '\t'): AsyncGenerator<FileRecord> {
  let header: readonly string[] | null = null;
  let number = 0;
  for await (const records of splitRecords(chunks, delimiter)) {
    for (const { fields, fault } of records) {
      if (header === null) {
        if (fault !== null) throw new DamagedFile(`its header ${fault}`);
        header = fields;
        continue;
      }
      number++;
      const reason =
        fault ??
        (fields.length === header.length ? null : `has ${fields.length} fields where the header has ${header.length}`);
      if (reason !== null) yield { number, ...unreadable(reason, fields.join(delimiter)) };
      else yield { number, value: Object.fromEntries(header.map((name, place) => [name, fields[place]])) };
    }
  }
}

async function* splitRecords(chunks: AsyncIterable<Buffer>, delimiter: ',' | '\t'): AsyncGenerator<TableRecord[]> {
  const splitter = createTableSplitter(delimiter);
  let first = true;
  for await (const chunk of chunks) {
    const marked = first && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    yield splitter.push(marked ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk);
    first = false;
  }
  yield splitter.end();
}
