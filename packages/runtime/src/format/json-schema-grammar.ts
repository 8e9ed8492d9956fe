import { enumValues } from './enum-values.ts';
import { distinctBranches, expandSchema, type Resolve } from './expand-schema.ts';
import {
  choice,
  countRepeats,
  endlessRules,
  type Language,
  literal,
  type Node,
  oneOf,
  type Rules,
  repeat,
  rule,
  sequence,
  writeGrammar,
} from './gbnf.ts';
import { ANY, CHARACTER, comma, JSON_RULES, listOf, SPACE } from './json-values.ts';
import { numberBounds } from './number-bounds.ts';
import { integersWithin, numbersWithin } from './number-range.ts';
import { countOf, escapeKey, listAt, objectAt, type Schema, type Type, wantedTypes } from './schema-keywords.ts';
import { SchemaProblem } from './schema-problem.ts';
import { FORMATS } from './string-formats.ts';

/** Largest count of characters or elements (chosen): llama.cpp writes a bounded repetition out. */
const MOST_REPEATS = 1000;
/** The sum of all such counts (chosen), for the same reason. */
const MOST_REPEATS_IN_ALL = 20_000;
/** Most listed values of one schema, and most properties with which an object may begin (chosen): each is tried with a token. */
const MOST_LISTED = 1000;
const MOST_BEGINNINGS = 100;
/** Most rules and longest text of a grammar (chosen): llama.cpp reads so much in a few milliseconds. */
const MOST_RULES = 2000;
const LONGEST_GRAMMAR = 200_000;

/**
 * The language of JSON texts that are valid under a JSON Schema (draft 2020-12; `items` may be a list as in earlier drafts). Every text
 * in it is valid. It need not hold every valid text: properties come in the schema's order, and objects have no properties beyond
 * those that the schema names, if it names some.
 *
 * @param prefix - Begins the names of rules, so that several languages can stand in one grammar.
 *
 * @throws SchemaProblem for a schema that is not covered exactly, or that nothing satisfies.
 */
export function schemaLanguage(schema: unknown, prefix = ''): Language {
  const maker = new GrammarMaker(schema, prefix);
  const root = maker.visit(schema, '');
  if (root === null) throw new SchemaProblem('', 'No value satisfies the schema');
  const repeats = [...maker.rules.values()].reduce((sum, body) => sum + (body ? countRepeats(body) : 0), 0);
  if (repeats > MOST_REPEATS_IN_ALL) {
    throw new SchemaProblem('', 'The lengths that the schema bounds are too large together');
  }
  const [endless] = endlessRules(maker.rules);
  if (endless !== undefined) {
    throw new SchemaProblem(maker.pointers.get(endless) ?? '', 'Values of this schema never end');
  }
  const language = { root, rules: maker.rules };
  const { length } = writeGrammar(language);
  if (length > LONGEST_GRAMMAR)
    throw new SchemaProblem('', `The schema is too large: its grammar has ${length} characters`);
  return language;
}

/** The language of JSON objects. */
export function objectLanguage(): Language {
  return { root: rule('object'), rules: new Map(JSON_RULES) };
}

class GrammarMaker {
  readonly rules: Rules = new Map(JSON_RULES);
  /** Where the schema of each rule stands. */
  readonly pointers = new Map<string, string>();
  readonly #prefix: string;
  readonly #resolve: Resolve;
  /** Rules of schemas that were visited. A schema may contain itself. */
  readonly #names = new Map<unknown, string>();
  /** Number of rules that `#tail` has made. */
  #tails = 0;
  /** Rules that their own bodies refer to. */
  readonly #recursive = new Set<string>();

  constructor(root: unknown, prefix: string) {
    this.#prefix = prefix;
    this.#resolve = { root, work: 0 };
  }

  /** Texts that are valid under a schema; null: none is. */
  visit(schema: unknown, pointer: string): Node | null {
    if (schema === true) return ANY;
    const known = this.#names.get(schema);
    if (known !== undefined) {
      if (this.rules.get(known) === null) this.#recursive.add(known);
      return this.rules.has(known) ? rule(known) : null;
    }
    const name = `${this.#prefix}r${this.pointers.size}`;
    if (this.pointers.size >= MOST_RULES)
      throw new SchemaProblem(pointer, `The schema has more than ${MOST_RULES} parts`);
    this.#names.set(schema, name);
    this.pointers.set(name, pointer);
    this.rules.set(name, null);
    const { branches, origin } = expandSchema(schema, pointer, this.#resolve);
    distinctBranches(origin, pointer, this.#resolve);
    const body = choice(branches.map((branch) => this.#values(branch, pointer)).filter((node) => node !== null));
    if (body) this.rules.set(name, body);
    else if (this.#recursive.has(name)) throw new SchemaProblem(pointer, 'No value satisfies the schema');
    else this.rules.delete(name);
    return body && rule(name);
  }

  /** @param schema - Without references and combinations. */
  #values(schema: Schema, pointer: string): Node | null {
    const types = wantedTypes(schema, pointer);
    const listed = enumValues(schema, types, pointer);
    if (listed && listed.length > MOST_LISTED) {
      throw new SchemaProblem(`${pointer}/enum`, `More than ${MOST_LISTED} listed values are not supported`);
    }
    if (listed) return oneOf(listed.map((value) => JSON.stringify(value)));
    if (types.length === 7 && !('type' in schema)) return ANY;
    return choice(types.map((type) => this.#ofType(type, types, schema, pointer)).filter((node) => node !== null));
  }

  #ofType(type: Type, types: readonly Type[], schema: Schema, pointer: string): Node | null {
    switch (type) {
      case 'null':
        return literal('null');
      case 'boolean':
        return choice([literal('true'), literal('false')]);
      case 'integer':
        return types.includes('number') ? null : integersWithin(numberBounds(schema, pointer, true));
      case 'number':
        return numbersWithin(numberBounds(schema, pointer, false));
      case 'string':
        return this.#string(schema, pointer);
      case 'array':
        return this.#array(schema, pointer);
      case 'object':
        return this.#object(schema, pointer);
    }
  }

  #string(schema: Schema, pointer: string): Node | null {
    const min = countOf(schema, 'minLength', pointer, MOST_REPEATS) ?? 0;
    const max = countOf(schema, 'maxLength', pointer, MOST_REPEATS) ?? null;
    if ('pattern' in schema) throw new SchemaProblem(`${pointer}/pattern`, 'The keyword "pattern" is not supported');
    if ('format' in schema) {
      const format = FORMATS.get(String(schema.format));
      if (!format) {
        const known = [...FORMATS.keys()].join(', ');
        throw new SchemaProblem(
          `${pointer}/format`,
          `The format ${JSON.stringify(schema.format)} is not supported; known: ${known}`,
        );
      }
      if (min > 0 || max !== null)
        throw new SchemaProblem(`${pointer}/format`, 'A "format" with a length is not supported');
      return sequence(literal('"'), format, literal('"'));
    }
    if (max !== null && max < min) return null;
    return sequence(literal('"'), repeat(CHARACTER, min, max), literal('"'));
  }

  #array(schema: Schema, pointer: string): Node | null {
    const legacy = Array.isArray(schema.items);
    const prefix = (legacy ? listAt(schema, 'items', pointer) : listAt(schema, 'prefixItems', pointer)) ?? [];
    const rest = legacy ? (schema.additionalItems ?? true) : (schema.items ?? true);
    const min = countOf(schema, 'minItems', pointer, MOST_REPEATS) ?? 0;
    let max = countOf(schema, 'maxItems', pointer, MOST_REPEATS) ?? null;
    const place = legacy ? 'items' : 'prefixItems';
    const first: Node[] = [];
    for (const [at, item] of prefix.entries()) {
      const node = max !== null && at >= max ? null : this.visit(item, `${pointer}/${place}/${at}`);
      if (node === null) {
        max = Math.min(max ?? at, at);
        break;
      }
      first.push(node);
    }
    const needsRest = max === null || max > first.length;
    const more = needsRest ? this.visit(rest, `${pointer}/${legacy ? 'additionalItems' : 'items'}`) : null;
    if (more === null) max = Math.min(max ?? first.length, first.length);
    if (max !== null && max < min) return null;
    if (schema.uniqueItems === true && (max === null || max > 1)) {
      throw new SchemaProblem(`${pointer}/uniqueItems`, 'The keyword "uniqueItems" is not supported');
    }
    if (first.length === 0) return listOf('[', more ?? literal(''), ']', min, max);
    return sequence(literal('['), SPACE, this.#tuple(first, more, min, max), literal(']'));
  }

  #object(schema: Schema, pointer: string): Node | null {
    const properties = objectAt(schema, 'properties', pointer) ?? {};
    const required = (listAt(schema, 'required', pointer) ?? []).map(String);
    const least = countOf(schema, 'minProperties', pointer, MOST_REPEATS) ?? 0;
    const most = countOf(schema, 'maxProperties', pointer, MOST_REPEATS) ?? null;
    const names = [...new Set([...Object.keys(properties), ...required])];
    const additional = schema.additionalProperties ?? true;
    if (names.length === 0) return this.#map(schema, additional, least, most, pointer);
    if ('propertyNames' in schema) {
      throw new SchemaProblem(`${pointer}/propertyNames`, '"propertyNames" beside named properties is not supported');
    }
    const pairs: Pair[] = [];
    for (const name of names) {
      const own = Object.hasOwn(properties, name);
      const place = own ? `${pointer}/properties/${escapeKey(name)}` : `${pointer}/additionalProperties`;
      const value = this.visit(own ? properties[name] : additional, place);
      const needed = required.includes(name);
      if (value) pairs.push({ pair: sequence(literal(`${JSON.stringify(name)}:`), SPACE, value), needed });
      else if (needed) return null;
    }
    if (most !== null && pairs.length > most) {
      throw new SchemaProblem(
        `${pointer}/maxProperties`,
        `"maxProperties" below the ${pairs.length} named properties is not supported`,
      );
    }
    const sure = pairs.filter(({ needed }) => needed).length;
    if (least > sure && least > 0) {
      throw new SchemaProblem(
        `${pointer}/minProperties`,
        `"minProperties" above the ${sure} required properties is not supported`,
      );
    }
    return sequence(literal('{'), SPACE, this.#members(pairs, pointer), literal('}'));
  }

  /** An object with any names. A name that stands twice counts once, so more than one property cannot be demanded. */
  #map(schema: Schema, additional: unknown, least: number, most: number | null, pointer: string): Node | null {
    if (least > 1) throw new SchemaProblem(`${pointer}/minProperties`, '"minProperties" above 1 is not supported');
    if (most !== null && most < least) return null;
    const names = schema.propertyNames ?? true;
    const key = this.visit({ allOf: [{ type: 'string' }, names] }, `${pointer}/propertyNames`);
    const value = this.visit(additional, `${pointer}/additionalProperties`);
    if (key === null || value === null) return least > 0 ? null : listOf('{', literal(''), '}', 0, 0);
    return listOf('{', sequence(key, literal(':'), SPACE, value), '}', least, most);
  }

  /** Elements of an array whose first ones have schemas of their own, up to the bracket. */
  #tuple(first: readonly Node[], more: Node | null, min: number, max: number | null): Node {
    const others = Math.max(0, min - first.length);
    const most = max === null ? null : Math.max(0, max - first.length);
    let tail: Node = more ? repeat(comma(more), others, most) : literal('');
    for (let at = Math.min(first.length, max ?? first.length) - 1; at >= 0; at--) {
      const element = at === 0 ? (first[at] as Node) : comma(first[at] as Node);
      const rest = at === 0 ? sequence(element, tail, SPACE) : sequence(element, tail);
      tail = this.#tail(at < min ? rest : repeat(rest, 0, 1));
    }
    return tail;
  }

  /** Pairs of names and values in their order, of which some may be left out. */
  #members(pairs: readonly Pair[], pointer: string): Node {
    // What may follow when a pair has been written, and all ways to begin.
    let after: Node = SPACE;
    let ways: Node[] = [literal('')];
    for (const { pair, needed } of pairs.toReversed()) {
      const first = sequence(pair, after);
      ways = needed ? [first] : [...ways, first];
      after = this.#tail(needed ? sequence(comma(pair), after) : sequence(repeat(comma(pair), 0, 1), after));
    }
    if (ways.length > MOST_BEGINNINGS) {
      throw new SchemaProblem(pointer, `More than ${MOST_BEGINNINGS} optional properties are not supported`);
    }
    return choice(ways.toReversed()) as Node;
  }

  /** A rule of its own, so that a long list is not nested as deeply as it is long. */
  #tail(body: Node): Node {
    const name = `${this.#prefix}t${this.#tails++}`;
    if (this.#tails > MOST_RULES) throw new SchemaProblem('', `The schema has more than ${MOST_RULES} parts`);
    this.rules.set(name, body);
    return rule(name);
  }
}

/** A name with its value. */
interface Pair {
  readonly pair: Node;
  readonly needed: boolean;
}
