import type { PythonCall } from '../../python/expression.ts';
import { entryOf, isEqual, type PythonValue, str } from '../../python/values.ts';

/** A function as a row describes it. */
export interface FunctionDescription {
  readonly name: string;
  readonly parameters: {
    readonly properties: Readonly<
      Record<string, { readonly type: string; readonly items?: { readonly type: string } }>
    >;
    readonly required: readonly string[];
  };
}

/** A call that is right: for each argument the values that are, `""` among them where it may be left out. */
export interface RightCall {
  readonly name: string;
  readonly values: ReadonlyMap<string, readonly PythonValue[]>;
}

type Type = PythonValue['type'];

const TYPES: Readonly<Record<string, Type>> = {
  ...{ string: 'str', integer: 'int', float: 'float', boolean: 'bool' },
  ...{ array: 'list', tuple: 'list', dict: 'dict', any: 'str' },
};
export const KNOWN_TYPES = Object.keys(TYPES);

/**
 * Whether calls are right, as the checker of BFCL v4 has it for Python: several calls in any order, each with a right call of its own.
 */
export function areRight(
  calls: readonly PythonCall[],
  right: readonly RightCall[],
  functions: readonly FunctionDescription[],
): boolean {
  if (calls.length !== right.length) return false;
  const left = [...calls];
  return right.every((one) => {
    // One function alone is meant whatever its name.
    const described = functions.find(({ name }) => name === one.name);
    const at = described ? left.findIndex((call) => isRight(call, one, described)) : -1;
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}

function isRight(call: PythonCall, { values }: RightCall, { name, parameters }: FunctionDescription): boolean {
  if (call.name !== name) return false;
  const given = new Map(call.arguments);
  if (parameters.required.some((param) => !given.has(param))) return false;
  for (const [param, value] of given) {
    const described = parameters.properties[param];
    const accepted = values.get(param);
    if (!described || !accepted || !isAccepted(value, accepted, described)) return false;
  }
  return [...values].every(([param, accepted]) => given.has(param) || hasEmpty(accepted));
}

const EMPTY = str('');
const hasEmpty = (values: readonly PythonValue[]) => values.some((value) => isEqual(value, EMPTY));

function isAccepted(
  given: PythonValue,
  accepted: readonly PythonValue[],
  { type, items }: { readonly type: string; readonly items?: { readonly type: string } },
): boolean {
  const expected = TYPES[type] as Type;
  const inner = type === 'array' || type === 'tuple' ? (TYPES[items?.type ?? ''] ?? null) : null;
  const value = converted(given, type);
  const kind = kindOf(value, accepted, expected, inner);
  if (kind === null) return false;
  if (kind === 'variable') return accepted.some((one) => isEqual(one, value));
  if (expected === 'dict') return isDictionary(value, accepted);
  if (expected === 'list' && inner === 'dict') return areDictionaries(value, accepted);
  if (expected === 'str') return accepted.some((one) => one.type === 'str' && isEqual(plain(one), plain(value)));
  if (expected === 'list') return accepted.some((one) => isEqual(plainItems(one), plainItems(value)));
  return accepted.some((one) => isEqual(one, value));
}

function converted(value: PythonValue, type: string): PythonValue {
  if (type === 'tuple' && value.type === 'tuple') return { type: 'list', items: value.items };
  return type === 'float' && value.type === 'int' ? { type: 'float', value: value.value } : value;
}

/** Whether a value has its type, or is the name of a variable where such a name is right; null: neither. */
function kindOf(
  value: PythonValue,
  accepted: readonly PythonValue[],
  expected: Type,
  inner: Type | null,
): 'value' | 'variable' | null {
  const ownType = accepted.find((one) => !isEqual(one, EMPTY))?.type ?? null;
  if (value.type !== expected) return value.type === ownType ? 'variable' : null;
  const kind = ownType !== null && ownType !== expected ? 'variable' : 'value';
  if (inner === null) return kind;
  const items = value.type === 'list' ? value.items : [];
  const fits = (one: PythonValue) =>
    one.type !== 'list' || items.every((item) => kindOf(item, one.items, inner, null) !== null);
  return accepted.some(fits) ? kind : null;
}

/** A text without space and signs, in small letters; another value as it is. */
function plain(value: PythonValue): PythonValue {
  if (value.type !== 'str') return value;
  return str(
    value.value
      .replace(/[ ,./\-_*^]/g, '')
      .toLowerCase()
      .replaceAll("'", '"'),
  );
}

/** A list with plain items; a text counts as the list of its characters. */
function plainItems(value: PythonValue): PythonValue {
  const items = value.type === 'list' ? value.items : value.type === 'str' ? [...value.value].map(str) : null;
  return items ? { type: 'list', items: items.map(plain) } : value;
}

function isDictionary(value: PythonValue, accepted: readonly PythonValue[]): boolean {
  if (value.type !== 'dict') return false;
  return accepted.some((one) => {
    if (one.type !== 'dict') return false;
    const own = value.entries.every(([key, item]) => {
      const allowed = entryOf(one, key);
      return allowed?.type === 'list' && allowed.items.some((each) => isEqual(plain(each), plain(item)));
    });
    const complete = one.entries.every(
      ([key, allowed]) => entryOf(value, key) !== null || (allowed.type === 'list' && hasEmpty(allowed.items)),
    );
    return own && complete;
  });
}

function areDictionaries(value: PythonValue, accepted: readonly PythonValue[]): boolean {
  if (value.type !== 'list') return false;
  return accepted.some((one) => {
    const items = one.type === 'list' ? one.items : [];
    if (items.length !== value.items.length) return false;
    return value.items.every((item, at) => isDictionary(item, [items[at] as PythonValue]));
  });
}
