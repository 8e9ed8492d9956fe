/** Enough to know a place or a reason by (chosen). */
const MAX_CHARACTERS = 200;

/** Text of others for a message: no control characters, nothing beyond ASCII, and not much of it. */
export function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/gu, (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`);
  return shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)}…` : shown;
}
