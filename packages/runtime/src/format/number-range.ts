import { characters, choice, literal, type Node, repeat, sequence } from './gbnf.ts';
import { INTEGER, NUMBER } from './json-values.ts';

export interface Bounds {
  readonly min: number;
  /** True: `min` itself is not allowed. */
  readonly above: boolean;
  readonly max: number;
  readonly below: boolean;
}

/** Largest bounded integer: doubles hold it exactly, and the grammar's integers have 15 digits. */
const LARGEST_INTEGER = 1e15 - 1;
/** Bounded numbers: with 9 digits before and 6 after the point, no two are rounded to one double. */
const LARGEST_WHOLE = 1e9 - 1;
const DECIMALS = 6;

const digit = characters('[0-9]');

/** Integers within bounds; null: there is none. */
export function integersWithin(bounds: Bounds): Node | null {
  if (bounds.min === -Infinity && bounds.max === Infinity) return INTEGER;
  const { from, to } = wholeNumbers(bounds, LARGEST_INTEGER);
  return signed(from, to, (low, high) => whole(low, high));
}

/** Numbers within bounds, without exponents; null: there is none that can be written with the decimals above. */
export function numbersWithin(bounds: Bounds): Node | null {
  const { min, max, above } = bounds;
  if (min === -Infinity && max === Infinity) return NUMBER;
  const { from, to } = wholeNumbers(bounds, LARGEST_WHOLE);
  const parts: (Node | null)[] = [signed(from, to, (low, high) => whole(low, high))];
  const fraction = sequence(literal('.'), repeat(digit, 1, DECIMALS));
  // n.fff is at least n and below n + 1, and -n.fff lies between -n - 1 and -n.
  const withFraction = (low: number, high: number) => {
    const node = low <= high ? whole(low, high) : null;
    return node && sequence(node, fraction);
  };
  parts.push(withFraction(Math.max(0, from), Math.min(LARGEST_WHOLE, Math.floor(max)) - 1));
  const negative = withFraction(Math.max(0, -to), Math.min(LARGEST_WHOLE, Math.floor(-min)) - 1);
  if (negative) parts.push(sequence(literal('-'), negative));
  // Just above an excluded whole number, such as a probability above 0.
  if (above && Number.isInteger(min) && min >= 0 && min + 1 <= max && min < LARGEST_WHOLE) {
    const positive = sequence(literal('.'), repeat(digit, 0, DECIMALS - 1), characters('[1-9]'));
    parts.push(sequence(literal(String(min)), positive));
  }
  return choice(parts.filter((part) => part !== null));
}

function wholeNumbers({ min, max, above, below }: Bounds, largest: number): { from: number; to: number } {
  const from = above && Number.isInteger(min) ? min + 1 : Math.ceil(min);
  const to = below && Number.isInteger(max) ? max - 1 : Math.floor(max);
  return { from: Math.max(-largest, from), to: Math.min(largest, to) };
}

/** Integers from `from` to `to`; `write` writes those from 0 on. */
function signed(from: number, to: number, write: (low: number, high: number) => Node): Node | null {
  const parts: Node[] = [];
  if (from < 0 && from <= to) parts.push(sequence(literal('-'), write(Math.max(1, -to), -from)));
  if (to >= 0 && from <= to) parts.push(write(Math.max(0, from), to));
  return choice(parts);
}

/** Decimal integers from `low` to `high`, both at least 0, without leading zeros. */
function whole(low: number, high: number): Node {
  const parts: Node[] = [];
  for (let start = low; start <= high; ) {
    const length = String(start).length;
    const end = Math.min(high, 10 ** length - 1);
    parts.push(sameLength(String(start), String(end)));
    start = end + 1;
  }
  return choice(parts) as Node;
}

/** Texts of digits between two of the same length. */
function sameLength(low: string, high: string): Node {
  if (low === high) return literal(low);
  const length = low.length - 1;
  const [first, last] = [low[0] as string, high[0] as string];
  if (length === 0) return characters(`[${first}-${last}]`);
  const [rest, end] = [low.slice(1), high.slice(1)];
  if (first === last) return sequence(literal(first), sameLength(rest, end));
  const parts: Node[] = [];
  const [nines, zeros] = ['9'.repeat(length), '0'.repeat(length)];
  // Whole tens of numbers are taken together.
  const from = rest === zeros ? Number(first) : Number(first) + 1;
  const to = end === nines ? Number(last) : Number(last) - 1;
  if (rest !== zeros) parts.push(sequence(literal(first), sameLength(rest, nines)));
  if (from <= to) parts.push(sequence(characters(`[${from}-${to}]`), repeat(digit, length, length)));
  if (end !== nines) parts.push(sequence(literal(last), sameLength(zeros, end)));
  return choice(parts) as Node;
}
