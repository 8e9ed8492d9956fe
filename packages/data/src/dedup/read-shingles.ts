/** Words a shingle. Usual for texts of a few sentences; Broder 1997 uses 4 to 10 for whole pages (chosen). */
const WORDS = 3;

/** Odd multipliers for the three places of a shingle (from PCG and MurmurHash3), so that word order changes the hash. */
const FIRST = 0x9e3779b1;
const SECOND = 0x85ebca6b;
const THIRD = 0xc2b2ae35;

/** FNV-1a, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** UTF-8 lead bytes of U+3000 to U+D7FF: scripts without spaces, where each character counts as a word. */
const FIRST_IDEOGRAPH = 0xe3;
const LAST_IDEOGRAPH = 0xed;

/**
 * Meaning of each UTF-8 byte: 0 ends a word, -1 starts an ideograph of three bytes, any other value is the byte in lower
 * case. Bytes beyond ASCII are letters.
 */
const LETTERS = Int16Array.from({ length: 256 }, (_, byte) => {
  if (byte >= FIRST_IDEOGRAPH && byte <= LAST_IDEOGRAPH) return -1;
  const digit = byte >= 0x30 && byte <= 0x39;
  const upper = byte >= 0x41 && byte <= 0x5a;
  const lower = byte >= 0x61 && byte <= 0x7a;
  return upper ? byte + 0x20 : digit || lower || byte >= 0x80 ? byte : 0;
});

/** Upper bound of the shingles in a text of `bytes`: a word takes a byte and a separator, an ideograph three bytes. */
export const mostShingles = (bytes: number): number => (bytes >>> 1) + 1;

/** Reads the shingles of one text after another, as 32-bit hashes. */
export class ShingleReader {
  /** Two 32-bit halves of a hash of the last text's words in order: case, spacing and punctuation do not change it. */
  hashLow = 0;
  hashHigh = 0;

  /**
   * Reads the UTF-8 text `bytes[from..to)`. The byte after it must not be a letter. One or two words make one shingle, no
   * words make none.
   *
   * @param into - Receives the hashes in order of appearance, repeats included, from `start` on.
   * @returns Number of hashes.
   */
  read(bytes: Uint8Array, from: number, to: number, into: Uint32Array, start: number): number {
    let count = start;
    let words = 0;
    let before = 0;
    let last = 0;
    let low = 0;
    let high = 0;
    let at = from;
    while (at < to) {
      let letter = LETTERS[bytes[at++] as number] as number;
      if (letter === 0) continue;
      let word = FNV_BASIS;
      if (letter < 0) {
        const end = at + 2;
        for (at--; at < end; at++) word = Math.imul(word ^ (bytes[at] as number), FNV_PRIME);
      } else {
        do {
          word = Math.imul(word ^ letter, FNV_PRIME);
          letter = LETTERS[bytes[at++] as number] as number;
        } while (letter > 0);
        at--;
      }
      low = Math.imul(low ^ word, FIRST);
      high = (Math.imul(high, 31) + word) | 0;
      words++;
      if (words >= WORDS)
        into[count++] = mix(Math.imul(before, FIRST) + Math.imul(last, SECOND) + Math.imul(word, THIRD));
      before = last;
      last = word;
    }
    if (words > 0 && words < WORDS) into[count++] = mix(Math.imul(before, FIRST) + Math.imul(last, SECOND));
    this.hashLow = mix(low ^ words);
    this.hashHigh = mix(high + words);
    return count - start;
  }
}

/** MurmurHash3's finalizer: every bit of the result depends on every bit of the value. */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), SECOND);
  mixed = Math.imul(mixed ^ (mixed >>> 13), THIRD);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
