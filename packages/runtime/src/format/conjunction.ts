import { isDeepStrictEqual } from 'node:util';
import { type Schema, wantedTypes } from './schema-keywords.ts';
import { SchemaProblem } from './schema-problem.ts';

/** Of two values of these keywords the stricter one is the larger, or the smaller. */
const LARGER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const SMALLER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** Most objects that are compared with each other (chosen): each takes a few microseconds. */
const MOST_COMPARISONS = 10_000;

/**
 * A schema that is valid where both are. Neither has `$ref`, and at most one has `anyOf` or `oneOf`.
 *
 * @throws SchemaProblem for two values of a keyword that no single one can replace.
 */
export function conjunction(one: Schema, other: Schema, pointer: string): Schema {
  const both: Record<string, unknown> = Object.create(null);
  const [first, second] = [canonical(one), canonical(other)];
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const [left, right] = [first[key], second[key]];
    if (left === undefined || right === undefined || Object.is(left, right)) both[key] = left ?? right;
    else both[key] = combine(key, left, right, pointer);
  }
  both.properties = allProperties(first, second);
  if (both.properties === undefined) delete both.properties;
  Object.assign(both, allElements(first, second));
  if ('type' in first && 'type' in second) both.type = commonTypes(first, second, pointer);
  return both;
}

function combine(key: string, left: unknown, right: unknown, pointer: string): unknown {
  const numbers = typeof left === 'number' && typeof right === 'number';
  if (numbers && LARGER.includes(key)) return Math.max(left, right);
  if (numbers && SMALLER.includes(key)) return Math.min(left, right);
  switch (key) {
    case 'type':
    case 'properties':
    case 'prefixItems':
    case 'items':
      return left; // Replaced by the caller.
    case 'required':
      if (Array.isArray(left) && Array.isArray(right)) return [...new Set([...left, ...right])];
      break;
    case 'enum':
      if (Array.isArray(left) && Array.isArray(right)) {
        return commonValues(left, right, pointer);
      }
      break;
    case 'uniqueItems':
      return left === true || right === true;
    case 'additionalProperties':
    case 'propertyNames':
      return { allOf: [left, right] };
  }
  const problem = `Two values of "${key}" cannot be combined`;
  throw new SchemaProblem(`${pointer}/${key}`, problem);
}

/** Values that both lists have. Most are scalars, for which a set is enough. */
function commonValues(one: readonly unknown[], other: readonly unknown[], pointer: string): unknown[] {
  const scalars = new Set(other.filter((value) => !isObject(value)));
  const objects = other.filter(isObject);
  if (objects.length * one.filter(isObject).length > MOST_COMPARISONS) {
    throw new SchemaProblem(`${pointer}/enum`, 'Lists with so many objects cannot be combined');
  }
  return one.filter((value) =>
    isObject(value) ? objects.some((wanted) => isDeepStrictEqual(value, wanted)) : scalars.has(value),
  );
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

/** A constant as a list of one, and the first elements of an array by their present keyword. */
function canonical(schema: Schema): Schema {
  if (Array.isArray(schema.items)) {
    const { items, additionalItems, ...others } = schema;
    return canonical({
      ...others,
      prefixItems: items,
      ...(additionalItems === undefined ? {} : { items: additionalItems }),
    });
  }
  if (!('const' in schema)) return schema;
  const { const: value, ...rest } = schema;
  const listed = Array.isArray(rest.enum) ? rest.enum.filter((item) => isDeepStrictEqual(item, value)) : [value];
  return { ...rest, enum: listed };
}

/** A property of one schema has to satisfy what the other demands of properties that it does not name. */
function allProperties(one: Schema, other: Schema): Schema | undefined {
  const [first, second] = [one.properties, other.properties] as (Schema | undefined)[];
  if (!first && !second) return undefined;
  const all: Record<string, unknown> = Object.create(null);
  for (const name of new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})])) {
    const demands = [
      first && Object.hasOwn(first, name) ? first[name] : (one.additionalProperties ?? true),
      second && Object.hasOwn(second, name) ? second[name] : (other.additionalProperties ?? true),
    ].filter((demand) => demand !== true);
    all[name] = demands.length === 1 ? demands[0] : { allOf: demands };
  }
  return all;
}

/** `items` counts from the end of the `prefixItems` beside it, so an element has to satisfy what each schema says of its place. */
function allElements(one: Schema, other: Schema): Schema {
  const keywords = ['prefixItems', 'items'];
  const sides = [one, other].filter((schema) => keywords.some((key) => key in schema));
  if (sides.length < 2) return {};
  const prefixes = sides.map(({ prefixItems }) => (Array.isArray(prefixItems) ? prefixItems : []));
  const at = (place: number) => ({
    allOf: sides.map(({ items = true }, side) => {
      const prefix = prefixes[side] as unknown[];
      return place < prefix.length ? prefix[place] : items;
    }),
  });
  const length = Math.max(...prefixes.map((prefix) => prefix.length));
  return { prefixItems: Array.from({ length }, (_, place) => at(place)), items: at(length) };
}

function commonTypes(one: Schema, other: Schema, pointer: string): string[] {
  const [first, second] = [wantedTypes(one, pointer), wantedTypes(other, pointer)];
  const common = first.filter((type) => second.includes(type) || (type === 'integer' && second.includes('number')));
  const integer = !common.includes('integer') && first.includes('number') && second.includes('integer');
  return integer && !common.includes('number') ? [...common, 'integer'] : common;
}
