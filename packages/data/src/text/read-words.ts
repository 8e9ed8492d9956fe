import { HashSet } from './hash-set.ts';

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
const LETTER = 1;
const DIGIT = 2;
const IDEOGRAPH = 3;
const APOSTROPHE = 4;

/** Class of each UTF-16 code unit. */
const KINDS = Uint8Array.from({ length: 0x10000 }, (_, code) => {
  if (code === 0x27 || code === 0x2019) return APOSTROPHE;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  if (code < 0x80) return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) ? LETTER : NONE;
  // Latin-1 symbols, general punctuation to arrows and shapes, ideographic and full-width punctuation, lone surrogates, U+FFFD.
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return NONE;
  if (code >= 0x2000 && code < 0x2c00) return NONE;
  if ((code >= 0x3000 && code < 0x3040) || (code >= 0xff00 && code < 0xff21)) return NONE;
  if (code >= 0xd800 && code < 0xf900) return NONE;
  if (code >= 0xfff0) return NONE;
  // Kana and ideographs. Hangul has spaces.
  return code >= 0x3040 && code < 0xa000 ? IDEOGRAPH : LETTER;
});

/** Runs of letters (with apostrophes inside), runs of digits, single ideographs; `snake_case` is two words. Linear time. */
export function readWords(text: string): Words {
  const lower = text.toLowerCase();
  const hashes: number[] = [];
  const stems: number[] = [];
  const lengths: number[] = [];
  const breaks: number[] = [];
  let numbers = 0;
  let longNumbers = 0;
  let ideographs = 0;
  let at = 0;
  while (at < lower.length) {
    const first = lower.charCodeAt(at);
    const kind = KINDS[first] as number;
    if (kind === NONE || kind === APOSTROPHE) {
      if (first === 10) breaks.push(hashes.length);
      at++;
      continue;
    }
    const start = at;
    let hash = FNV_BASIS;
    let stem = 0;
    let more = kind;
    do {
      const code = lower.charCodeAt(at);
      hash = Math.imul(hash ^ (more === APOSTROPHE ? 0x27 : code), FNV_PRIME);
      at++;
      if (at - start === STEM) stem = hash;
      if (at >= lower.length || kind === IDEOGRAPH) break;
      more = KINDS[lower.charCodeAt(at)] as number;
      if (more === APOSTROPHE && (kind !== LETTER || KINDS[lower.charCodeAt(at + 1)] !== LETTER)) break;
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
