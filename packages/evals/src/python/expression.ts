import { type PythonValue, str } from './values.ts';

/** A call of a function with its named arguments. */
export interface PythonCall {
  readonly name: string;
  readonly arguments: readonly (readonly [name: string, value: PythonValue])[];
}

/** A part of the expression; arguments without a name do not count, as in BFCL. */
export type Node =
  | { readonly kind: 'value'; readonly value: PythonValue; readonly text: string }
  | { readonly kind: 'name' | 'subscript'; readonly text: string }
  | { readonly kind: 'call'; readonly call: PythonCall; readonly text: string };

/** What Python would not read or compute. */
export class NoPython extends Error {}

/** A name is its text, and so is a call that names no argument; another call is a dictionary. */
export function asValue(node: Node): PythonValue {
  if (node.kind === 'value') return node.value;
  if (node.kind !== 'call' || node.call.arguments.length === 0) return str(node.text);
  const { name, arguments: named } = node.call;
  const own: PythonValue = { type: 'dict', entries: named.map(([key, value]) => [str(key), value] as const) };
  return { type: 'dict', entries: [[str(name), own]] };
}

/**
 * @param next - The character behind it.
 * @throws NoPython where that makes it no number.
 */
export function numberOf(text: string, next: string | undefined): PythonValue {
  // A number that a letter follows is no number, and one with `j` is complex.
  if (next !== undefined && /[\p{L}_]/u.test(next)) throw new NoPython();
  const digits = text.replaceAll('_', '');
  if (/^0[xob]/i.test(digits)) return { type: 'int', value: Number(digits) };
  if (/^0\d/.test(digits) && /^\d+$/.test(digits) && Number(digits) !== 0) throw new NoPython();
  return { type: /[.e]/i.test(digits) ? 'float' : 'int', value: Number(digits) };
}

const COMPUTE: Readonly<Record<string, (one: number, other: number) => number>> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
  '//': (one, other) => Math.floor(one / other),
  '%': (one, other) => one - other * Math.floor(one / other),
  '**': (one, other) => one ** other,
};

/** @throws NoPython where Python would fail, or the values are no numbers or texts. */
export function compute(one: Node, sign: string, other: Node): Node {
  if (one.kind !== 'value' || other.kind !== 'value') throw new NoPython();
  const [left, right] = [one.value, other.value];
  const text = `${one.text} ${sign} ${other.text}`;
  if (sign === '+' && left.type === 'str' && right.type === 'str') {
    return { kind: 'value', value: str(left.value + right.value), text };
  }
  if ((left.type !== 'int' && left.type !== 'float') || (right.type !== 'int' && right.type !== 'float'))
    throw new NoPython();
  const value = (COMPUTE[sign] as (one: number, other: number) => number)(left.value, right.value);
  if (!Number.isFinite(value)) throw new NoPython();
  const whole = left.type === 'int' && right.type === 'int' && sign !== '/' && !(sign === '**' && right.value < 0);
  return { kind: 'value', value: { type: whole ? 'int' : 'float', value }, text };
}

const ESCAPE = /\\(?:(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;
const BYTE_ESCAPE = /\\(?:(x[\da-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g;
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' },
  ...{ '\\': '\\', "'": "'", '"': '"' },
};

/** @throws NoPython for an escape that Python refuses: one that is cut off, or names no character. */
export function withoutEscapes(text: string, { raw, bytes }: { raw: boolean; bytes: boolean }): string {
  if (raw) return text;
  const pattern = bytes ? BYTE_ESCAPE : ESCAPE;
  return text.replace(pattern, (whole, hexadecimal?: string, octal?: string, one?: string) => {
    const code = hexadecimal ? Number.parseInt(hexadecimal.slice(1), 16) : octal ? Number.parseInt(octal, 8) : null;
    if (code !== null && code > 0x10ffff) throw new NoPython();
    if (code !== null) return String.fromCodePoint(code);
    if (one === 'x' || (!bytes && (one === 'u' || one === 'U'))) throw new NoPython();
    return ESCAPES[one as string] ?? whole;
  });
}
