import { DamagedFile } from './byte-source.ts';

const [QUOTE, BACKSLASH, NEWLINE, COLON, COMMA] = [0x22, 0x5c, 0x0a, 0x3a, 0x2c];
const [LIST, OBJECT] = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];
const BLANK = [0x20, 0x09, 0x0d, 0x0a];

/**
 * Refuses a file whose first object goes over several lines: it is one JSON value, as `{"data": [...]}` or the file of a
 * setting, and no line of it is a record. A first line that is broken is told apart: the next one begins with `{`, and no list is open.
 *
 * @param start - The first bytes of the file, from its first `{` on.
 * @throws DamagedFile with the fields that are lists, as far as they begin within `start`.
 */
export function refuseWholeObject(start: Buffer): void {
  const newline = start.indexOf(NEWLINE);
  const second = newline === -1 ? undefined : start.subarray(newline).find((byte) => byte !== NEWLINE && byte !== 0x0d);
  // Nothing but a list may go on with an object at the start of a line, and a broken record seldom ends in its bracket.
  const listOpen = start.toString('latin1', 0, Math.max(newline, 0)).trimEnd().endsWith('[');
  if (second === undefined || (second === OBJECT && !listOpen)) return;
  const { lists, ended, linesInside } = scan(start);
  if (ended === 'in a line' || linesInside === 0) return;
  const fields = lists.map((name) => JSON.stringify(name)).join(', ');
  const found = lists.length > 0 ? `of its fields these are lists: ${fields}` : 'no field at its beginning is a list';
  // A name of other signs would be read as a command.
  const plain = lists.find((name) => /^[A-Za-z_]\w*$/.test(name)) ?? 'FIELD';
  throw new DamagedFile(`it is one JSON object over several lines, not one record a line; ${found}`, {
    hint: `Write the list alone into a file: jq -c '.${plain}[]' FILE > records.jsonl`,
  });
}

interface Scan {
  /** Names of fields of the outermost object whose values are lists. */
  readonly lists: string[];
  readonly ended: 'in a line' | 'later';
  readonly linesInside: number;
}

/** Follows strings and depth to the end of the first object, or to a line end inside a string, which JSON has not. */
function scan(start: Buffer): Scan {
  const lists: string[] = [];
  let depth = 0;
  let linesInside = 0;
  let key = '';
  let afterColon = false;
  for (let at = 0; at < start.length; at++) {
    const byte = start[at] as number;
    if (byte === QUOTE) {
      const end = endOfString(start, at);
      if (end === null) return { lists, ended: 'in a line', linesInside };
      if (depth === 1 && !afterColon) key = start.toString('utf8', at + 1, end);
      at = end;
      afterColon = false;
    } else if (byte === NEWLINE) linesInside++;
    else if (byte === LIST || byte === OBJECT) {
      if (depth === 1 && afterColon && byte === LIST && lists.length < 10) lists.push(key.slice(0, 80));
      depth++;
      afterColon = false;
    } else if (CLOSING.includes(byte)) {
      depth--;
      if (depth === 0) break;
    } else if (byte === COLON) afterColon = true;
    else if (byte === COMMA || !BLANK.includes(byte)) afterColon = false;
  }
  return { lists, ended: 'later', linesInside };
}

/** Where its closing quote is, or the end of the bytes; null at a line end inside. */
function endOfString(bytes: Buffer, open: number): number | null {
  for (let at = open + 1; at < bytes.length; at++) {
    if (bytes[at] === NEWLINE) return null;
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}
