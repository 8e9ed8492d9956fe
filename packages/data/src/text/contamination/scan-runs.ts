import { readWords } from '../read-words.ts';

/**
 * Words of a run. GPT-3 uses 8 to 13 by the length of items (Brown et al. 2020, appendix C); 8, with a minimum share of the item
 * covered, also finds edited items (Lambert et al. 2024, section 3.2).
 */
export const RUN = 8;

/** Multipliers of the two rolling hashes (odd; from PCG and MurmurHash3), and the factors of the word that leaves the run. */
const FIRST = 0x9e3779b1;
const SECOND = 0x85ebca6b;
const FIRST_OUT = power(FIRST, RUN);
const SECOND_OUT = power(SECOND, RUN);

/** Shorter lines are too common to prove anything: "What is it?" (chosen). */
const MIN_LINE = 4;

/**
 * Calls back with the runs of a text, and with its lines of at least four words, in order, each as two 32-bit hashes. Case,
 * punctuation, spacing and invisible characters do not count; runs may cross lines.
 *
 * @returns Number of words in the text, and how many of them are single characters of scripts without spaces.
 */
export function scanRuns(
  text: string,
  onRun: (low: number, high: number) => void,
  onLine: (low: number, high: number) => void,
): { words: number; ideographs: number } {
  const { hashes, breaks, ideographs } = readWords(text);
  let low = 0;
  let high = 0;
  for (let at = 0; at < hashes.length; at++) {
    const word = hashes[at] as number;
    const out = at >= RUN ? (hashes[at - RUN] as number) : 0;
    low = (Math.imul(low, FIRST) + word - Math.imul(out, FIRST_OUT)) | 0;
    high = (Math.imul(high, SECOND) + word - Math.imul(out, SECOND_OUT)) | 0;
    if (at >= RUN - 1) onRun(low, high);
  }
  let from = 0;
  for (let line = 0; line <= breaks.length; line++) {
    const to = breaks[line] ?? hashes.length;
    if (to - from >= MIN_LINE) hashLine(hashes, from, to, onLine);
    from = to;
  }
  return { words: hashes.length, ideographs };
}

function hashLine(
  hashes: readonly number[],
  from: number,
  to: number,
  onLine: (low: number, high: number) => void,
): void {
  let low = to - from;
  let high = to - from;
  for (let at = from; at < to; at++) {
    low = (Math.imul(low, FIRST) + (hashes[at] as number)) | 0;
    high = (Math.imul(high, SECOND) + (hashes[at] as number)) | 0;
  }
  onLine(low, high);
}

/** 53 bits of both hashes as one integer. */
export const joinHashes = (low: number, high: number): number => (low >>> 0) + (high & 0x1fffff) * 2 ** 32;

function power(base: number, exponent: number): number {
  let result = 1;
  for (let times = 0; times < exponent; times++) result = Math.imul(result, base);
  return result;
}
