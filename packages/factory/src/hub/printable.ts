/** Text of others for a message: no control characters, nothing beyond ASCII, and not much of it. */
export function printable(text: string, mostCharacters = 100): string {
  const shown = text.replace(/[^\x20-\x7e]/gu, (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`);
  return shown.length > mostCharacters ? `${shown.slice(0, mostCharacters)}…` : shown;
}
