import { HashSet } from '../hash-set.ts';
import type { Words } from '../read-words.ts';

const seenWords = new HashSet();

/** Measures of a text's complexity, each 0..1. */
export interface Complexity {
  readonly variety: number;
  readonly wordLength: number;
  readonly structure: number;
  readonly substance: number;
}

/** Linear from 0 at `least` to 1 at `most`. */
const scale = (value: number, least: number, most: number) =>
  Math.min(1, Math.max(0, (value - least) / (most - least)));

/**
 * @param common - Share of common words (`commonShare`) of the whole row.
 * @param text - The answer, for its lines and sentences.
 */
export function complexity(answer: Words, common: number, text: string): Complexity {
  const count = answer.hashes.length;
  if (count === 0) return { variety: 0, wordLength: 0, structure: 0, substance: 0 };
  let letters = 0;
  for (const length of answer.lengths) letters += length;
  seenWords.clear();
  for (const hash of answer.hashes) seenWords.add(hash);
  return {
    // Carroll 1964: different words / √(2 words), which hardly depends on the length.
    variety: scale(seenWords.size / Math.sqrt(2 * count), 0, 6),
    // English prose has 4 to 5 letters a word; Rae et al. 2021 accept text with 3 to 10.
    wordLength: scale(letters / count, 2.5, 5.5),
    structure: scale(Math.log2(1 + units(text)), 0, 3),
    substance: scale(1 - common, 0.1, 0.45),
  };
}

/** Number of lines and sentences of an answer. */
function units(text: string): number {
  let found = 0;
  let open = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const ends =
      code === 10 || ((code === 0x2e || code === 0x21 || code === 0x3f) && !(text.charCodeAt(at + 1) > 0x20));
    if (ends && open) {
      found++;
      open = false;
    } else if (code > 0x20 && !ends) open = true;
  }
  return found + Number(open);
}
