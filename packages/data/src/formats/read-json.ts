import { type FileRecord, parseRecord, type Unreadable } from './record.ts';
import { createArraySplitter } from './split-array.ts';
import { createLineSplitter } from './split-lines.ts';
import { refuseWholeObject } from './whole-object.ts';

/** Allowed before the first record: a byte order mark and white space. */
const BLANK = [0xef, 0xbb, 0xbf, 0x20, 0x09, 0x0a, 0x0d];
const ARRAY_START = 0x5b;
const OBJECT_START = 0x7b;

/**
 * Reads the records of JSON Lines or of one JSON array; the first character tells which. Blank lines are not records but count as lines.
 *
 * @throws DamagedFile for an array that does not end, for text after its end, and for one object over several lines.
 */
export async function* readJson(chunks: AsyncIterable<Buffer>): AsyncGenerator<FileRecord> {
  let splitter: Splitter | null = null;
  let number = 0;
  for await (const chunk of chunks) {
    if (!splitter) {
      const place = chunk.findIndex((byte) => !BLANK.includes(byte));
      const first = chunk[place];
      if (first === OBJECT_START) refuseWholeObject(chunk.subarray(place));
      splitter = first === ARRAY_START ? elements() : lines();
    }
    for (const text of splitter.push(chunk)) {
      number++;
      if (text !== null) yield parseRecord(number, text);
    }
  }
  for (const text of splitter?.end() ?? []) {
    number++;
    if (text !== null) yield parseRecord(number, text);
  }
}

/** Texts of the records, in order; null for a blank line. */
interface Splitter {
  push(chunk: Buffer): (string | Unreadable | null)[];
  end(): (string | Unreadable | null)[];
}

function lines(): Splitter {
  const splitter = createLineSplitter();
  const unlessBlank = (line: string | Unreadable) => (typeof line === 'string' && line.trim() === '' ? null : line);
  return {
    push: (chunk) => splitter.push(chunk).map(unlessBlank),
    end: () => splitter.end().map(unlessBlank),
  };
}

function elements(): Splitter {
  const splitter = createArraySplitter();
  return {
    push: (chunk) => splitter.push(chunk),
    end: () => {
      splitter.end();
      return [];
    },
  };
}
