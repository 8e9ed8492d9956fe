/** A value of Python, with the types that JavaScript does not tell apart. */
export type PythonValue =
  | { readonly type: 'int' | 'float'; readonly value: number }
  | { readonly type: 'str' | 'bytes'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'None' }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly PythonValue[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [key: PythonValue, value: PythonValue])[] };

export const NONE: PythonValue = { type: 'None' };
export const str = (value: string): PythonValue => ({ type: 'str', value });

/** What `json.loads` makes of a text: `1` is an int, `1.0` a float. */
export function readJson(text: string): PythonValue {
  // The reviver is given the text of a number, which `value` has lost.
  const parsed = (
    JSON.parse as (text: string, reviver: (key: string, value: unknown, at: { source?: string }) => unknown) => unknown
  )(text, (_key, value, { source }) =>
    typeof value === 'number'
      ? { number: value, isFloat: /[.eE]/.test(source ?? '') }
      : Array.isArray(value)
        ? { items: value }
        : value === null || typeof value !== 'object'
          ? value
          : { fields: value },
  );
  return fromParsed(parsed);
}

function fromParsed(parsed: unknown): PythonValue {
  if (parsed === null) return NONE;
  if (typeof parsed === 'string') return str(parsed);
  if (typeof parsed === 'boolean') return { type: 'bool', value: parsed };
  const wrapped = parsed as { number?: number; isFloat?: boolean; items?: unknown[]; fields?: object };
  if (wrapped.number !== undefined) return { type: wrapped.isFloat ? 'float' : 'int', value: wrapped.number };
  if (wrapped.items) return { type: 'list', items: wrapped.items.map(fromParsed) };
  const entries = Object.entries(wrapped.fields ?? {});
  return { type: 'dict', entries: entries.map(([key, value]) => [str(key), fromParsed(value)] as const) };
}

const asNumber = (value: PythonValue): number | null =>
  value.type === 'int' || value.type === 'float' ? value.value : value.type === 'bool' ? Number(value.value) : null;

/** `==`: numbers and truth values by their value, a list is no tuple. */
export function isEqual(one: PythonValue, other: PythonValue): boolean {
  const numbers = [asNumber(one), asNumber(other)];
  if (numbers[0] !== null || numbers[1] !== null) return numbers[0] === numbers[1];
  if (one.type !== other.type) return false;
  if ('items' in one && 'items' in other) {
    return (
      one.items.length === other.items.length &&
      one.items.every((item, at) => isEqual(item, other.items[at] as PythonValue))
    );
  }
  if (one.type === 'dict' && other.type === 'dict') {
    return (
      one.entries.length === other.entries.length &&
      one.entries.every(([key, value]) => {
        const found = entryOf(other, key);
        return found !== null && isEqual(value, found);
      })
    );
  }
  return one.type === 'None' || (one as { value: unknown }).value === (other as { value: unknown }).value;
}

/** The value of a key; null if the dictionary has none. */
export function entryOf(value: PythonValue | undefined, key: PythonValue | string): PythonValue | null {
  if (value?.type !== 'dict') return null;
  const wanted = typeof key === 'string' ? str(key) : key;
  return value.entries.find(([own]) => isEqual(own, wanted))?.[1] ?? null;
}
