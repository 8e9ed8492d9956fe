/** Openings from which a value is tried (chosen: braces in prose before the value are few), so that the work stays linear. */
const MOST_OPENINGS = 16;

/**
 * The first JSON object of a text, or the first array where `arrays` is set, with prose before and behind it.
 *
 * @returns The value, and where its text stands; null: there is none. `open`: the text ends inside one.
 */
export function firstJson(
  text: string,
  { arrays = false }: { arrays?: boolean } = {},
): { value: unknown; text: string } | { open: true } | null {
  const opening = arrays ? /[{[]/g : /\{/g;
  let open = false;
  for (let tried = 0; tried < MOST_OPENINGS; tried++) {
    const from = opening.exec(text)?.index;
    if (from === undefined) break;
    const end = closingOf(text, from);
    if (end === null) {
      open = true;
      continue;
    }
    const found = text.slice(from, end + 1);
    try {
      return { value: JSON.parse(found), text: found };
    } catch {
      // Braces of prose or of code: a later one may open the value.
    }
  }
  return open ? { open } : null;
}

/** Where the bracket at `from` closes, strings left out; null: nowhere. */
function closingOf(text: string, from: number): number | null {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (letter === '{' || letter === '[') depth++;
    else if ((letter === '}' || letter === ']') && --depth === 0) return at;
  }
  return null;
}
