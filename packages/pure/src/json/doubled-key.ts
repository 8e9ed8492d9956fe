const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = [0x20, 0x09, 0x0a, 0x0d];

/**
 * The first key that stands twice in one object of a JSON text; null if none does. `JSON.parse` keeps the last of two values and says
 * nothing. Linear time; safe at any depth.
 *
 * @param text - Valid JSON.
 */
export function findDoubledKey(text: string): string | null {
  /** Keys of the open objects; null for an open list. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isKey(text, end)) {
        const raw = text.slice(at + 1, end);
        const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      at = end;
    } else if (code === OBJECT) open.push(new Set());
    else if (code === LIST) open.push(null);
    else if (code === OBJECT_END || code === LIST_END) open.pop();
  }
  return null;
}

/** Position of the closing quote: the next one after an even number of backslashes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let before = end - 1;
    while (before > start && text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (BLANK.includes(text.charCodeAt(at))) at++;
  return text.charCodeAt(at) === COLON;
}
