import { HANGUL, kindOf, LETTER, UNSPACED } from './character-kinds.ts';
import { HashSet } from './hash-set.ts';
import { separateWords } from './separate-words.ts';

/** The words of a text as numbers, which most measures need. Each array has one entry a word. */
export interface Words {
  /** 30 bits of FNV-1a of the word in lower case. */
  readonly hashes: readonly number[];
  /** The same of its first `STEM` characters, so that "rotate" and "rotating" are equal. */
  readonly stems: readonly number[];
  /** Number of characters. */
  readonly lengths: readonly number[];
  /** Counts of numbers, of long numbers among them, and of single characters of scripts without spaces. */
  readonly numbers: number;
  readonly longNumbers: number;
  readonly ideographs: number;
  /** For each line break, the number of words before it. */
  readonly breaks: readonly number[];
}

/** Fewest characters of a long word or number: `x`, `dx` and `42` belong to no language (chosen). */
export const LONG = 3;
/** Letters kept of a word: finds about the same word families as a stemmer (Manning et al. 2008, section 2.2.4). */
const STEM = 5;
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Keeps hashes within V8's small integers, which need no allocation. */
const SMALL = 0x3fffffff;

const NONE = 0;
const WORD = 1;
const DIGIT = 2;
const IDEOGRAPH = 3;
const APOSTROPHE = 4;

/** Class of each ASCII character in lower case. */
const ASCII = Uint8Array.from({ length: 0x80 }, (_, code) => {
  if (code === 0x27) return APOSTROPHE;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  return code >= 0x61 && code <= 0x7a ? WORD : NONE;
});

/** Class of the character at a place; `NONE` behind the end. */
function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 0x80) return ASCII[code] as number;
  if (at >= text.length) return NONE;
  switch (kindOf(text.codePointAt(at) as number)) {
    case LETTER:
    case HANGUL:
      return WORD;
    case UNSPACED:
      return IDEOGRAPH;
    default:
      return NONE;
  }
}

/**
 * Runs of letters (with apostrophes inside), runs of digits, single characters of scripts without spaces; `snake_case` is two words.
 * Characters are normalised first: see `separateWords`. Linear time.
 */
export function readWords(given: string): Words {
  const text = separateWords(given);
  const hashes: number[] = [];
  const stems: number[] = [];
  const lengths: number[] = [];
  const breaks: number[] = [];
  let numbers = 0;
  let longNumbers = 0;
  let ideographs = 0;
  let at = 0;
  while (at < text.length) {
    const kind = classAt(text, at);
    if (kind === NONE || kind === APOSTROPHE) {
      if (text.charCodeAt(at) === 10) breaks.push(hashes.length);
      at++;
      continue;
    }
    const start = at;
    let hash = FNV_BASIS;
    let stem = 0;
    let more = kind;
    do {
      const code = text.charCodeAt(at);
      hash = Math.imul(hash ^ code, FNV_PRIME);
      at++;
      // The second half of a pair belongs to the first.
      if ((code & 0xfc00) === 0xd800) hash = Math.imul(hash ^ text.charCodeAt(at++), FNV_PRIME);
      if (at - start === STEM) stem = hash;
      if (kind === IDEOGRAPH) break;
      more = classAt(text, at);
      if (more === APOSTROPHE && (kind !== WORD || classAt(text, at + 1) !== WORD)) break;
    } while (more === kind || more === APOSTROPHE);
    hashes.push(hash & SMALL);
    stems.push((stem === 0 ? hash : stem) & SMALL);
    lengths.push(at - start);
    if (kind === DIGIT) {
      numbers++;
      if (at - start >= LONG) longNumbers++;
    } else if (kind === IDEOGRAPH) ideographs++;
  }
  return { hashes, stems, lengths, numbers, longNumbers, ideographs, breaks };
}

/** A set of words, looked up by hash. */
export function wordSet(words: readonly string[]): HashSet {
  const set = new HashSet();
  for (const word of words) for (const hash of readWords(word).hashes) set.add(hash);
  return set;
}
