import { characters, choice, literal, type Node, optional, repeat, rule, sequence } from './gbnf.ts';

/** Space between tokens of JSON. Without a bound, a model may write line breaks for ever. */
export const SPACE = rule('space');
export const STRING = rule('string');
export const NUMBER = rule('number');
export const INTEGER = rule('integer');
export const ANY = rule('value');

const digit = characters('[0-9]');
const hex = characters('[0-9a-fA-F]');

/** One character of a JSON string. Escapes of surrogates are left out: two of them are one character. */
export const CHARACTER = rule('character');

/** Digits are bounded, so that every number is finite and no integer is rounded. */
const rules = {
  space: optional(
    choice([literal(' '), sequence(repeat(literal('\n'), 1, 2), repeat(characters('[ \\t]'), 0, 20))]) as Node,
  ),
  character: choice([
    characters('[^"\\\\\\x00-\\x1F\\x7F]'),
    sequence(
      literal('\\'),
      choice([
        characters('["\\\\/bfnrt]'),
        sequence(
          literal('u'),
          choice([
            sequence(characters('[0-9a-cA-CeEfF]'), hex, hex, hex),
            sequence(characters('[dD]'), characters('[0-7]'), hex, hex),
          ]) as Node,
        ),
      ]) as Node,
    ),
  ]) as Node,
  string: sequence(literal('"'), repeat(rule('character'), 0, null), literal('"')),
  integer: sequence(
    optional(literal('-')),
    choice([literal('0'), sequence(characters('[1-9]'), repeat(digit, 0, 14))]) as Node,
  ),
  number: sequence(
    rule('integer'),
    optional(sequence(literal('.'), repeat(digit, 1, 15))),
    optional(sequence(characters('[eE]'), optional(characters('[+-]')), repeat(digit, 1, 2))),
  ),
  value: choice([
    rule('object'),
    rule('array'),
    rule('string'),
    rule('number'),
    ...['true', 'false', 'null'].map(literal),
  ]) as Node,
  object: listOf('{', sequence(rule('string'), literal(':'), rule('space'), rule('value')), '}', 0, null),
  array: listOf('[', rule('value'), ']', 0, null),
};

/** Rules that describe any JSON, and the parts of others. */
export const JSON_RULES: ReadonlyMap<string, Node> = new Map(Object.entries(rules));

/** Elements between brackets, separated by commas. */
export function listOf(open: string, element: Node, close: string, min: number, max: number | null): Node {
  if (max === 0) return sequence(literal(open), rule('space'), literal(close));
  const more = repeat(comma(element), Math.max(0, min - 1), max === null ? null : max - 1);
  const elements = sequence(element, more, rule('space'));
  return sequence(literal(open), rule('space'), min === 0 ? optional(elements) : elements, literal(close));
}

/** An element that follows another. */
export function comma(element: Node): Node {
  return sequence(literal(','), rule('space'), element);
}
