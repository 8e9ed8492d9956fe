import { characters, choice, literal, type Node, optional, repeat, sequence } from './gbnf.ts';

const digit = characters('[0-9]');
const hex = characters('[0-9a-f]');
const either = (...parts: Node[]) => choice(parts) as Node;
const digits = (pattern: string) =>
  sequence(
    ...[...pattern.matchAll(/\[.*?\]|./g)].map(([part]) => (part.length > 1 ? characters(part) : literal(part))),
  );

/** Every month has 28 days. The 29th of February is left out, since its year would matter. */
const DAYS = either(
  sequence(
    either(digits('0[1-9]'), digits('1[0-2]')),
    literal('-'),
    either(digits('0[1-9]'), digits('1[0-9]'), digits('2[0-8]')),
  ),
  sequence(either(digits('0[13-9]'), digits('1[0-2]')), literal('-'), either(literal('29'), literal('30'))),
  sequence(either(digits('0[13578]'), digits('1[02]')), literal('-31')),
);
const DATE = sequence(repeat(digit, 4, 4), literal('-'), DAYS);
const HOUR_MINUTE = sequence(either(digits('[01][0-9]'), digits('2[0-3]')), literal(':'), digits('[0-5][0-9]'));
const TIME = sequence(
  HOUR_MINUTE,
  literal(':'),
  digits('[0-5][0-9]'),
  optional(sequence(literal('.'), repeat(digit, 1, 6))),
  either(literal('Z'), sequence(characters('[+-]'), HOUR_MINUTE)),
);
const BYTE = either(
  digits('[0-9]'),
  digits('[1-9][0-9]'),
  digits('1[0-9][0-9]'),
  digits('2[0-4][0-9]'),
  digits('25[0-5]'),
);

/** Contents of strings by the name of a JSON Schema format. Each is exact (RFC 3339, RFC 9562, RFC 2673). */
export const FORMATS: ReadonlyMap<string, Node> = new Map([
  ['date', DATE],
  ['time', TIME],
  ['date-time', sequence(DATE, literal('T'), TIME)],
  [
    'uuid',
    sequence(repeat(hex, 8, 8), ...[4, 4, 4, 12].map((count) => sequence(literal('-'), repeat(hex, count, count)))),
  ],
  ['ipv4', sequence(BYTE, repeat(sequence(literal('.'), BYTE), 3, 3))],
]);
