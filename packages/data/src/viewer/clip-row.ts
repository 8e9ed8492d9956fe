/** Characters shown of a text in the list, and in an open row (chosen). */
export const LIST_CHARACTERS = 400;
export const OPEN_CHARACTERS = 400_000;

/** Entries shown of a list, and levels shown of nested objects (chosen). */
const MAX_ENTRIES = 200;
const MAX_DEPTH = 6;

/** A copy with long texts and lists cut off and marked, so that a page of rows stays small. */
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
