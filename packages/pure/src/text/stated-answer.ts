/** "The answer is", "Final answer:", "The correct answer to this riddle is": every gap is bounded, so that the search stays linear. */
const STATES = /\banswer(?:\s{1,3}to\b[^.:!?\n]{0,80}?)?(?:\s{1,3}(?:is|would be)\b|\s?[:=])[\s:*]{0,5}/i;

/** Longest statement that is read, in characters (chosen). */
const LONGEST = 300;

/** What an answer calls its answer, up to the end of the sentence; null where it calls nothing so. */
export function statedAnswer(text: string): string | null {
  const found = STATES.exec(text);
  if (!found) return null;
  const rest = text.slice(found.index + found[0].length).slice(0, LONGEST);
  const stated = withoutMarks(rest.split(/\n|[.!?](?=\s|["'*)\]]|$)/, 1)[0] as string);
  return stated === '' ? null : stated;
}

const MARKS = new Set('"\'`*_“”‘’'.split(''));

/** A text without spaces, quotation marks and Markdown emphasis around it, and without a full stop at its end. */
export function withoutMarks(text: string): string {
  let [from, to] = [0, text.length];
  const drops = (letter: string, stop: boolean) =>
    letter.trim() === '' || MARKS.has(letter) || (stop && letter === '.');
  while (from < to && drops(text[from] as string, false)) from++;
  while (to > from && drops(text[to - 1] as string, true)) to--;
  return text.slice(from, to);
}
