import { isUtf8 } from 'node:buffer';
import { DamagedFile } from './byte-source.ts';
import { LONGEST_RECORD_BYTES } from './record.ts';

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A record of a table. */
export interface TableRecord {
  /** Unquoted field values. For a malformed record: the raw text, possibly truncated. */
  readonly fields: readonly string[];
  /** Why the record is malformed, as the end of a sentence; null if it is not. */
  readonly fault: string | null;
}

/** Splits a table, given in chunks of any size, into records, the header included. */
interface TableSplitter {
  push(chunk: Buffer): TableRecord[];
  /** The last record, if no line end follows it. @throws DamagedFile inside quotes. */
  end(): TableRecord[];
}

/**
 * Splits at line ends (`\n`, `\r\n`, `\r`) and delimiters. A field that begins with a quote ends at its closing quote, and quotes inside
 * are doubled (RFC 4180). A quote in the middle of a field is a character, as in `5" pipe`, as for pandas and Python's csv. They also
 * accept text after a closing quote; here it makes the record malformed, because a missing quote is closed by the next one, maybe
 * several rows later. Empty lines are not records.
 */
export function createTableSplitter(delimiter: string): TableSplitter {
  const delimiterByte = delimiter.charCodeAt(0);
  /** `closed`: after a quote that ends the field or is the first of two. */
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let fields: string[] = [];
  let fault: string | null = null;
  let held: Buffer[] = [];
  /** Raw text of the open record, delimiters included. */
  let recordBytes = 0;
  let records = 0;

  const hold = (piece: Buffer): void => {
    const fitted = recordBytes <= LONGEST_RECORD_BYTES;
    recordBytes += piece.length;
    if (recordBytes <= LONGEST_RECORD_BYTES) held.push(piece);
    else if (fitted) {
      // The beginning of a record that is too long is kept for the message.
      fields.push((held[0] ?? piece).toString('utf8', 0, 1000));
      held = [];
    }
  };

  const endField = (chunk: Buffer, from: number, to: number): void => {
    let text = '';
    if (held.length > 0 || recordBytes + to - from > LONGEST_RECORD_BYTES) {
      hold(chunk.subarray(from, to));
      const bytes = Buffer.concat(held);
      text = decode(bytes, 0, bytes.length);
    } else {
      recordBytes += to - from;
      text = decode(chunk, from, to);
    }
    if (recordBytes <= LONGEST_RECORD_BYTES) {
      fields.push(state === 'closed' ? text.slice(1, -1).replaceAll('""', '"') : text);
    }
    held = [];
    recordBytes++;
    state = 'start';
  };

  const decode = (bytes: Buffer, from: number, to: number): string => {
    const text = bytes.toString('utf8', from, to);
    // U+FFFD may also be in the text itself.
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(from, to))) fault ??= 'is not UTF-8';
    return text;
  };

  const endRecord = (found: TableRecord[]): void => {
    // The line end after the last field was counted as a delimiter.
    const bytes = recordBytes - 1;
    if (bytes > LONGEST_RECORD_BYTES) fault = `has ${bytes} bytes, more than ${LONGEST_RECORD_BYTES}`;
    if (bytes > 0) {
      found.push({ fields, fault });
      records++;
    }
    fields = [];
    fault = null;
    recordBytes = 0;
  };

  return {
    push: (chunk) => {
      const found: TableRecord[] = [];
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (state === 'quoted') {
          const quote = chunk.indexOf(QUOTE, at);
          if (quote === -1) break;
          at = quote;
          state = 'closed';
        } else if (byte === delimiterByte || byte === NEWLINE || byte === RETURN) {
          endField(chunk, from, at);
          from = at + 1;
          if (byte !== delimiterByte) endRecord(found);
        } else if (byte === QUOTE && state !== 'plain') {
          state = 'quoted';
        } else if (state !== 'plain') {
          if (state === 'closed') fault ??= 'has text after a closing quote';
          state = 'plain';
        }
      }
      if (from < chunk.length) hold(chunk.subarray(from));
      return found;
    },
    end: () => {
      if (state === 'quoted') {
        const where = records === 0 ? 'its header' : `row ${records}`;
        throw new DamagedFile(`the quote that opens in ${where} is never closed`, {
          hint: 'If the file is whole, put that field into quotes and write each quote inside it twice; if not, fetch it again.',
        });
      }
      const found: TableRecord[] = [];
      endField(Buffer.alloc(0), 0, 0);
      endRecord(found);
      return found;
    },
  };
}
