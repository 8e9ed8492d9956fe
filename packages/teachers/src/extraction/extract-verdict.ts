import { statedAnswer } from '@cogumi/pure';
import type { Extracted } from './extracted.ts';

/** Yes or no, true or false: behind "the answer is", as a word that opens the answer, or as what something is said to be. */
export function extractVerdict(answer: string, [one, other]: readonly [string, string]): Extracted | null {
  const either = `(${one}|${other})`;
  const stated = statedAnswer(answer);
  const leading = new RegExp(`^${either}\\b`, 'i');
  // "No." and "No, …" open an answer, but "No fens are rads" tells of fens.
  const opening = new RegExp(`^[\\s"'*_(]{0,5}${either}["'*_)]{0,3}\\s{0,2}(?:[,.!;:\\n]|[-–—]\\s|$)`, 'i');
  const said = new RegExp(`\\b(?:is|was|'s|would be)\\s(?:\\w{1,12}\\s)?["'*]{0,3}${either}\\b`, 'i');
  const concluded = new RegExp(`(?:^|\\n|[.!?]\\s)(?:so|therefore|thus|hence)\\b,?\\s${either}\\b`, 'i');
  const found =
    (stated === null ? null : leading.exec(stated)) ??
    opening.exec(answer) ??
    said.exec(answer) ??
    concluded.exec(answer);
  return found && { text: (found[1] as string).toLowerCase(), complete: true };
}
