import { DamagedFile } from './byte-source.ts';

const [QUOTE, BACKSLASH, NEWLINE, COLON, COMMA] = [0x22, 0x5c, 0x0a, 0x3a, 0x2c];
const [LIST, OBJECT] = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];
const BLANK = [0x20, 0x09, 0x0d, 0x0a];

/**
 * Refuses a file whose first object spans several lines: it is one JSON value, such as `{"data": [...]}` or a settings file, and its
 * lines are not records. A broken first line is recognised: the next line begins with `{`, and no list is open.
 *
 * @param start - The first bytes of the file, from its first `{` on.
 * @throws DamagedFile with the fields that are lists, if they begin within `start`.
 */
export function refuseWholeObject(start: Buffer): void {
  const newline = start.indexOf(NEWLINE);
  const second = newline === -1 ? undefined : start.subarray(newline).find((byte) => byte !== NEWLINE && byte !== 0x0d);
  // Only inside a list may an object start a line, and a broken record seldom ends in an opening bracket.
  const listOpen = start.toString('latin1', 0, Math.max(newline, 0)).trimEnd().endsWith('[');
  if (second === undefined || (second === OBJECT && !listOpen)) return;
  const { lists, ended, linesInside } = scan(start);
  if (ended === 'in a line' || linesInside === 0) return;
  const fields = lists.map((name) => JSON.stringify(name)).join(', ');
  const found = lists.length > 0 ? `these of its fields are lists: ${fields}` : 'none of its first fields is a list';
  // Other characters would be interpreted by jq or the shell.
  const plain = lists.find((name) => /^[A-Za-z_]\w*$/.test(name)) ?? 'FIELD';
  throw new DamagedFile(`it is one JSON object over several lines, not one record a line; ${found}`, {
    hint: `Write only the list into a file: jq -c '.${plain}[]' FILE > records.jsonl`,
  });
}

interface Scan {
  /** Fields of the outermost object whose values are lists. */
  readonly lists: string[];
  readonly ended: 'in a line' | 'later';
  readonly linesInside: number;
}

/** Tracks strings and depth to the end of the first object, or to a line end inside a string, which is not JSON. */
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

/** Position of the closing quote, or the end of the bytes; null at a line end inside the string. */
function endOfString(bytes: Buffer, open: number): number | null {
  for (let at = open + 1; at < bytes.length; at++) {
    if (bytes[at] === NEWLINE) return null;
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}
