import { DamagedFile } from './byte-source.ts';
import { type FileRecord, unreadable } from './record.ts';
import { createTableSplitter, type TableRecord } from './split-table.ts';

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

const QUOTE = 0x22;

/** Delimiters by which a table may be split; of equally frequent ones in the header, the first counts. */
const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Excel writes this line before the header, and takes the delimiter from it. */
const SEP_LINE = /^"?sep=([,;\t|])"?\r?\n/i;

/**
 * Reads the rows of a table as objects of strings, with the names in its first line.
 *
 * @param delimiter - null: the most frequent of `,` `;` tab and `|` in the header outside quotes, or what a line `sep=;` before it says.
 * @throws DamagedFile if a quote is not closed at the end of the file, or the header cannot be read or names a column twice.
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, delimiter: Delimiter | null): AsyncGenerator<FileRecord> {
  let header: readonly string[] | null = null;
  let number = 0;
  for await (const records of splitRecords(chunks, delimiter)) {
    for (const { fields, fault } of records) {
      if (header === null) {
        if (fault !== null) throw new DamagedFile(`its header ${fault}`);
        header = fields.map((name) => name.trim());
        refuseDoubled(header);
        continue;
      }
      number++;
      const reason =
        fault ??
        (fields.length === header.length ? null : `has ${fields.length} fields where the header has ${header.length}`);
      if (reason !== null) yield { number, ...unreadable(reason, fields.join(delimiter ?? ',')) };
      else yield { number, value: Object.fromEntries(header.map((name, place) => [name, fields[place]])) };
    }
  }
}

/** Of two columns with one name only the last could be read, and nobody would know. Columns without a name are read by nobody. */
function refuseDoubled(header: readonly string[]): void {
  const doubled = header.find((name, place) => name !== '' && header.indexOf(name) < place);
  if (doubled === undefined) return;
  const places = header.flatMap((name, place) => (name === doubled ? [place + 1] : []));
  throw new DamagedFile(
    `its column ${JSON.stringify(doubled.slice(0, 80))} stands twice, as number ${places.join(' and ')}`,
    {
      hint: 'Rename or remove one of the two in the first line.',
    },
  );
}

async function* splitRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: Delimiter | null,
): AsyncGenerator<TableRecord[]> {
  let splitter: ReturnType<typeof createTableSplitter> | null = null;
  for await (const chunk of chunks) {
    if (splitter) {
      yield splitter.push(chunk);
      continue;
    }
    const marked = chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    const start = marked ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk;
    const [line = '', named] = SEP_LINE.exec(start.toString('latin1', 0, 10)) ?? [];
    splitter = createTableSplitter(delimiter ?? (named as Delimiter | undefined) ?? delimiterOf(start));
    yield splitter.push(start.subarray(line.length));
  }
  if (splitter) yield splitter.end();
}

/** The delimiter that is most frequent in the first line that is not blank, outside quotes. */
function delimiterOf(start: Buffer): Delimiter {
  const counts = new Map<number, number>(DELIMITERS.map((delimiter) => [delimiter.charCodeAt(0), 0]));
  let quoted = false;
  let blank = true;
  for (const byte of start) {
    if (byte === QUOTE) quoted = !quoted;
    if (!quoted && !blank && (byte === 0x0a || byte === 0x0d)) break;
    if (byte !== 0x0a && byte !== 0x0d) blank = false;
    const count = counts.get(byte);
    if (!quoted && count !== undefined) counts.set(byte, count + 1);
  }
  const most = Math.max(...counts.values());
  return DELIMITERS.find((delimiter) => counts.get(delimiter.charCodeAt(0)) === most) as Delimiter;
}
