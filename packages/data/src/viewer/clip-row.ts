/** Characters of a text in the list, and when a row is opened. */
export const LIST_CHARACTERS = 400;
export const OPEN_CHARACTERS = 400_000;

/** Entries of a list that are shown, and how deep objects are followed. */
const MAX_ENTRIES = 200;
const MAX_DEPTH = 6;

/** A copy whose texts and lists end early and say so: a page of rows stays small whatever the rows hold. */
export function clip(value: unknown, characters: number, depth = 0): unknown {
  if (typeof value === 'string') return clipText(value, characters);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return clipText(JSON.stringify(value), characters);
  if (!Array.isArray(value)) {
    const entries = Object.entries(value).slice(0, MAX_ENTRIES);
    return Object.fromEntries(
      entries.map(([name, inner]) => [clipText(name, 100), clip(inner, characters, depth + 1)]),
    );
  }
  const shown: unknown[] = value.slice(0, MAX_ENTRIES).map((inner) => clip(inner, characters, depth + 1));
  if (value.length > MAX_ENTRIES) shown.push(`… ${value.length - MAX_ENTRIES} more`);
  return shown;
}

function clipText(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const rest = text.length - characters;
  return `${text.slice(0, characters)}… (${rest.toLocaleString('en-US')} more characters)`;
}
