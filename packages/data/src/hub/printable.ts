/** Most characters of such text (chosen). */
const MAX_CHARACTERS = 200;

/** Makes foreign text safe for a message: ASCII without control characters, and short. */
export function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/gu, (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`);
  return shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)}…` : shown;
}
