import { kindOf, LETTER, SEPARATOR, SYMBOL } from '../text/character-kinds.ts';
import { carriesMeaning, mayCarryMeaning, SIGNS } from './meaning-of-sign.ts';

/** Words a shingle. Usual for texts of a few sentences; Broder 1997 uses 4 to 10 for whole pages (chosen). */
const WORDS = 3;

/** Odd multipliers for the three places of a shingle (from PCG and MurmurHash3), so that word order changes the hash. */
const FIRST = 0x9e3779b1;
const SECOND = 0x85ebca6b;
const THIRD = 0xc2b2ae35;

/** FNV-1a, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Bytes that are no ASCII letter or digit: one between words, a sign that may carry meaning, the first of another character. */
const BETWEEN = 0;
const SIGN = -1;
const BEYOND_ASCII = -2;

/** Each UTF-8 byte: a letter or digit in lower case, or one of the above. */
const LETTERS = Int16Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return BEYOND_ASCII;
  const digit = byte >= 0x30 && byte <= 0x39;
  const upper = byte >= 0x41 && byte <= 0x5a;
  const lower = byte >= 0x61 && byte <= 0x7a;
  if (upper) return byte + 0x20;
  return digit || lower ? byte : SIGNS.includes(String.fromCharCode(byte)) ? SIGN : BETWEEN;
});

/** Upper bound of the shingles in a text of `bytes`: a word takes a byte and a separator, an ideograph three bytes. */
export const mostShingles = (bytes: number): number => (bytes >>> 1) + 1;

/** Reads the shingles of one text after another, as 32-bit hashes. */
export class ShingleReader {
  /** Two 32-bit halves of a hash of the last text's words in order: case, spacing and punctuation do not change it. */
  hashLow = 0;
  hashHigh = 0;

  /**
   * Reads the UTF-8 text `bytes[from..to)`, a result of `separateWords` if it is not ASCII. The byte after it must not be a letter. One
   * or two words make one shingle, no words make none. A shingle ends with each word; if that is an ideograph, a
   * Hangul syllable or another single character of a script without spaces, it has two, as in search engines for Chinese, else three.
   *
   * A sign that carries meaning belongs to the word that it touches (`C++`, `$5`), else to the shingles with the words on both sides of
   * it (`a = b`), at the end of a text to the last shingle. So a text with other signs is another text, texts with the same signs have
   * exactly the similarity of their words, and a word replaced by a sign costs no more than a word left out.
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
    let signs = 0;
    let gapBefore = 0;
    let at = from;
    while (at < to) {
      let letter = LETTERS[bytes[at++] as number] as number;
      if (letter === BETWEEN) continue;
      const wordStart = at - 1;
      let word = FNV_BASIS;
      let gap = 0;
      let first = before;
      let needed = WORDS;
      if (letter > 0) {
        do {
          word = Math.imul(word ^ letter, FNV_PRIME);
          letter = LETTERS[bytes[at++] as number] as number;
        } while (letter > 0);
        at--;
      } else if (letter === SIGN) {
        const sign = bytes[at - 1] as number;
        if (mayCarryMeaning(sign, bytes[at] as number) && carriesMeaning(bytes, at - 1, from, to))
          signs = Math.imul(signs ^ sign, FNV_PRIME);
        continue;
      } else {
        const code = codePointAt(bytes, --at);
        const kind = kindOf(code);
        if (kind !== LETTER) {
          at += bytesOf(code);
          if (kind === SYMBOL) signs = Math.imul(signs ^ code, FNV_PRIME);
          if (kind === SYMBOL || kind === SEPARATOR) continue;
          word = Math.imul(word ^ code, FNV_PRIME);
          first = 0;
          needed = WORDS - 1;
        }
      }
      // A word that goes on with letters beyond ASCII, or begins with them.
      if (letter === BEYOND_ASCII && needed === WORDS) {
        for (; letter > 0 || letter === BEYOND_ASCII; letter = LETTERS[bytes[at] as number] as number) {
          if (letter > 0) {
            word = Math.imul(word ^ letter, FNV_PRIME);
            at++;
            continue;
          }
          const code = codePointAt(bytes, at);
          if (kindOf(code) !== LETTER) break;
          word = Math.imul(word ^ code, FNV_PRIME);
          at += bytesOf(code);
        }
      }
      for (; letter === SIGN; letter = LETTERS[bytes[++at] as number] as number) {
        const sign = bytes[at] as number;
        if (!mayCarryMeaning(sign, bytes[at + 1] as number) || !carriesMeaning(bytes, at, from, to)) break;
        word = Math.imul(word ^ sign, FNV_PRIME);
      }
      if (signs !== 0) {
        // The byte before the word is a sign, or a space.
        if (LETTERS[bytes[wordStart - 1] as number] === BETWEEN) gap = signs;
        else word = Math.imul(word ^ signs, FNV_PRIME);
        signs = 0;
      }
      low = Math.imul(low ^ word ^ gap, FIRST);
      high = (Math.imul(high, 31) + word + gap) | 0;
      words++;
      if (words >= needed) {
        let shingle = Math.imul(first, FIRST) + Math.imul(last, SECOND) + Math.imul(word, THIRD);
        if (gap !== 0 || gapBefore !== 0) shingle ^= gap ^ (needed === WORDS ? Math.imul(gapBefore, FNV_PRIME) : 0);
        into[count++] = mix(shingle);
      }
      before = last;
      last = word;
      gapBefore = gap;
    }
    if (count > start) {
      if (signs !== 0) into[count - 1] = mix((into[count - 1] as number) ^ signs);
    } else if (words > 0 || signs !== 0) {
      into[count++] = mix((Math.imul(before, FIRST) + Math.imul(last, SECOND)) ^ signs);
    }
    this.hashLow = mix(low ^ words ^ signs);
    this.hashHigh = mix(high + words + signs);
    return count - start;
  }
}

/** The character whose first UTF-8 byte is at a place; the text is well-formed. */
function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  const second = (bytes[at + 1] as number) & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = (bytes[at + 2] as number) & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] as number) & 0x3f);
}

/** Bytes of a character beyond ASCII. */
const bytesOf = (code: number): number => (code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);

/** MurmurHash3's finalizer: every bit of the result depends on every bit of the value. */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), SECOND);
  mixed = Math.imul(mixed ^ (mixed >>> 13), THIRD);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
