/** Words of a shingle: as usual for texts of a few sentences (Broder 1997 uses 4 to 10 for whole pages; chosen: 3). */
const WORDS = 3;

/** Odd multipliers for the three places of a shingle (from PCG and MurmurHash3): the same words in another order differ. */
const FIRST = 0x9e3779b1;
const SECOND = 0x85ebca6b;
const THIRD = 0xc2b2ae35;

/** FNV-1a, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Lead bytes of U+3000 to U+D7FF: scripts without spaces, where each character counts as a word. */
const FIRST_IDEOGRAPH = 0xe3;
const LAST_IDEOGRAPH = 0xed;

/**
 * What each byte of UTF-8 means for words: 0 ends one, -1 is the first of an ideograph's three, any other is the byte in
 * lower case; bytes beyond ASCII are letters.
 */
const LETTERS = Int16Array.from({ length: 256 }, (_, byte) => {
  if (byte >= FIRST_IDEOGRAPH && byte <= LAST_IDEOGRAPH) return -1;
  const digit = byte >= 0x30 && byte <= 0x39;
  const upper = byte >= 0x41 && byte <= 0x5a;
  const lower = byte >= 0x61 && byte <= 0x7a;
  return upper ? byte + 0x20 : digit || lower || byte >= 0x80 ? byte : 0;
});

/** Most shingles that a text of so many bytes can have: a word takes a byte and a separator, an ideograph three bytes. */
export const mostShingles = (bytes: number): number => (bytes >>> 1) + 1;

/** Reads the shingles of one text after another, as 32-bit hashes. */
export class ShingleReader {
  /** 64 bits of the last text's words in order: equal texts but for case, spacing and punctuation have equal ones. */
  identityLow = 0;
  identityHigh = 0;

  /**
   * Reads UTF-8 text `bytes[from..to)`, after which a byte follows that is no letter. Fewer than three words make one
   * shingle, none at all make none.
   *
   * @param into - Receives the hashes in order of appearance, repeats and all, from `start` on.
   * @returns How many there are.
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
    this.identityLow = mix(low ^ words);
    this.identityHigh = mix(high + words);
    return count - start;
  }
}

/** MurmurHash3's finalizer: every bit of the result hangs on every bit of the value. */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), SECOND);
  mixed = Math.imul(mixed ^ (mixed >>> 13), THIRD);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
