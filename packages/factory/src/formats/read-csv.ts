import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { DamagedFile } from './byte-source.ts';
import { type FileRecord, LONGEST_RECORD_BYTES, unreadable } from './record.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside of ASCII is meant.
const BEYOND_ASCII = /[^\x00-\x7f]/;

/**
 * Rows of a table as objects of strings by the names in its first line (RFC 4180; quotes double inside quotes).
 *
 * @throws DamagedFile when a quote is not closed by the end of the file or within 16 MiB, or the header cannot be read.
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, delimiter: ',' | '\t'): AsyncGenerator<FileRecord> {
  const parser = parse({
    delimiter,
    // Bytes as they are: decoding comes after, field by field, so that a wrong one is seen rather than replaced.
    encoding: 'latin1',
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD_BYTES,
  });
  const source = Readable.from(withoutMark(chunks));
  pipeline(source, parser).catch(() => {});
  let header: string[] | null = null;
  let number = 0;
  try {
    for await (const raw of parser as AsyncIterable<string[]>) {
      const fields = raw.map(decode);
      if (!header) {
        header = fields.map((field) => field ?? '');
        if (fields.includes(null)) throw new DamagedFile('its header is not UTF-8');
        continue;
      }
      number++;
      const start = raw.join(delimiter).slice(0, 1000);
      if (fields.includes(null)) {
        yield { number, ...unreadable('is not UTF-8', Buffer.from(start, 'latin1')) };
      } else if (fields.length !== header.length) {
        const reason = `has ${fields.length} fields where the header has ${header.length}`;
        yield { number, ...unreadable(reason, Buffer.from(start, 'latin1')) };
      } else {
        yield { number, value: Object.fromEntries(header.map((name, place) => [name, fields[place]])) };
      }
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new DamagedFile(`it is no table (${cause.message})`, { cause });
  } finally {
    source.destroy();
    parser.destroy();
  }
}

function decode(field: string): string | null {
  if (!BEYOND_ASCII.test(field)) return field;
  const bytes = Buffer.from(field, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of chunks) {
    yield first && chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? chunk.subarray(3) : chunk;
    first = false;
  }
}
