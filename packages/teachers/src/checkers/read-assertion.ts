const OPENING = '([{';
const CLOSING = ')]}';

/**
 * The condition of a Python assertion: `assert f(2) == 4, "two"` gives `f(2) == 4`.
 *
 * @returns null where it is none of one line: brackets or quotes without an end and comments are none.
 */
export function readAssertion(test: string): string | null {
  const condition = /^assert\b(.*)$/.exec(test.trim())?.[1]?.trim() ?? '';
  const end = commaOf(condition);
  return end === null || end === 0 ? null : condition.slice(0, end).trim();
}

/** Place of the first comma outside of brackets and quotes, or the end; null where brackets or quotes do not close. */
function commaOf(text: string): number | null {
  let depth = 0;
  let first = text.length;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    if (letter === '"' || letter === "'") {
      const end = quoteEnd(text, at, letter);
      if (end === null) return null;
      at = end;
    } else if (letter === '#') return null;
    else if (OPENING.includes(letter)) depth++;
    else if (CLOSING.includes(letter)) depth--;
    else if (letter === ',' && depth === 0) first = Math.min(first, at);
    if (depth < 0) return null;
  }
  return depth === 0 ? first : null;
}

/** Where the text that begins with a quote at `from` ends. */
function quoteEnd(text: string, from: number, quote: string): number | null {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return null;
}
