import { FUNCTION_WORDS } from '../common-words.ts';
import { HashSet } from '../hash-set.ts';
import { type Words, wordSet } from '../read-words.ts';

const EMPTY = wordSet(FUNCTION_WORDS);
const askedStems = new HashSet();
const toldStems = new HashSet();
/** Shorter answers may be right without repeating any content word (chosen). */
const SHORT = 4;

/**
 * How much an answer relates to its question: shared content words (by stem) as a share of the shorter side's; null if one side
 * has too few to tell.
 */
export function sharedContent(question: Words, answer: Words): number | null {
  readContent(question, askedStems, null);
  const shared = readContent(answer, toldStems, askedStems);
  if (askedStems.size === 0 || toldStems.size < SHORT) return null;
  return shared / Math.min(askedStems.size, toldStems.size);
}

/** Fills a set with the stems of content words. @returns How many of them the other set has. */
function readContent({ hashes, stems, lengths }: Words, into: HashSet, other: HashSet | null): number {
  let shared = 0;
  into.clear();
  for (let at = 0; at < hashes.length; at++) {
    if ((lengths[at] as number) < 2 || EMPTY.has(hashes[at] as number)) continue;
    const stem = stems[at] as number;
    if (into.add(stem) && other?.has(stem) === true) shared++;
  }
  return shared;
}
