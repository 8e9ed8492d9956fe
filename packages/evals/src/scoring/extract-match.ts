import { strip } from './python-text.ts';

/** What is compared where an answer has no match. */
export const NO_MATCH = '[invalid]';

/**
 * lm-eval's filter `regex`: one of the matches in an answer, without spaces around it.
 *
 * @param regex - With the flag `g`. A match is its groups if it has any, of which the first that is not empty counts.
 * @param select - Which match: 0 is the first, -1 the last.
 * @returns `NO_MATCH` if there is no match, or none of several groups has a character.
 */
export function extractMatch(answer: string, regex: RegExp, select = 0): string {
  const match = [...answer.matchAll(regex)].at(select);
  if (!match) return NO_MATCH;
  const [whole, ...groups] = match;
  if (groups.length === 0) return strip(whole);
  // A single group may be empty.
  const found = groups.length === 1 ? (groups[0] ?? '') : groups.find((group) => group !== undefined && group !== '');
  return found === undefined ? NO_MATCH : strip(found);
}
