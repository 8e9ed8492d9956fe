import { findAddresses } from './find-addresses.ts';
import { findCards } from './find-cards.ts';
import { findEmails } from './find-emails.ts';
import { findIbans } from './find-ibans.ts';
import { findPhones } from './find-phones.ts';
import { findSecrets } from './find-secrets.ts';
import { findSsns } from './find-ssns.ts';
import type { Pii } from './pii.ts';

/** Digits of the shortest number that is searched: a local phone number. */
const MIN_DIGITS = 7;
/** Characters of the shortest key. */
const MIN_KEY = 16;

/**
 * Finds personal data and secrets in a text, in order and without overlaps. Linear in the length of any text: every pattern has a
 * bounded length and few possible starts.
 */
export function findPii(text: string): Pii[] {
  const { digits, dots, colons, ats, longest } = statistics(text);
  const found: Pii[][] = [];
  if (ats > 0) found.push(findEmails(text));
  if (digits >= MIN_DIGITS) found.push(findCards(text), findIbans(text), findSsns(text), findPhones(text));
  if ((digits >= 4 && dots >= 3) || colons >= 2) found.push(findAddresses(text));
  if (longest >= MIN_KEY || text.includes('PRIVATE KEY')) found.push(findSecrets(text));
  return joinOverlaps(found.flat());
}

/**
 * Counts characters in one pass, so that texts without personal data, nearly all, cost only that pass; `longest` is the longest run
 * of key characters that contains a digit.
 */
function statistics(text: string) {
  let digits = 0;
  let dots = 0;
  let colons = 0;
  let ats = 0;
  let longest = 0;
  let run = 0;
  let before = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (letter || code === 0x5f || code === 0x2d || code === 0x2b || code === 0x2f || code === 0x3d) run++;
    else if (code >= 0x30 && code <= 0x39) {
      digits++;
      run++;
    } else if (code === 0x2e) {
      dots++;
      run++;
    } else {
      if (run > longest && digits > before) longest = run;
      run = 0;
      before = digits;
      if (code === 0x3a) colons++;
      else if (code === 0x40) ats++;
    }
  }
  return { digits, dots, colons, ats, longest: digits > before ? Math.max(longest, run) : longest };
}

/** Merges overlapping finds into one of the first kind, so that redaction leaves no half of one behind. */
function joinOverlaps(found: readonly Pii[]): Pii[] {
  if (found.length < 2) return [...found];
  const sorted = found.toSorted((left, right) => left.from - right.from || right.to - left.to);
  const joined: Pii[] = [];
  for (const one of sorted) {
    const last = joined.at(-1);
    if (last === undefined || one.from >= last.to) joined.push(one);
    else if (one.to > last.to) joined[joined.length - 1] = { ...last, to: one.to };
  }
  return joined;
}
