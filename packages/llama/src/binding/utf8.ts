/**
 * Appends bytes to the beginning of a character.
 *
 * @returns The bytes of the last character if it is not complete; null if the whole cannot become valid UTF-8 (RFC 3629).
 */
export function joinUtf8(before: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  const all = before.length === 0 ? bytes : Buffer.concat([before, bytes]);
  for (let at = 0; at < all.length; ) {
    const length = lengthOf(all[at] as number);
    if (length === 0) return null;
    for (let place = 1; place < length; place++) {
      const byte = all[at + place];
      if (byte === undefined) return all.subarray(at);
      if (byte < 0x80 || byte > 0xbf) return null;
      // Too long for its code point, a surrogate, or beyond U+10FFFF.
      if (place === 1 && !secondFits(all[at] as number, byte)) return null;
    }
    at += length;
  }
  return new Uint8Array();
}

/** Bytes of a character by the first of them; 0: none begins so. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

function secondFits(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  if (first === 0xf4) return second < 0x90;
  return true;
}
