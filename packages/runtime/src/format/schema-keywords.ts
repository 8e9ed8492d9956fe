import { SchemaProblem } from './schema-problem.ts';

/** A JSON Schema object. */
export type Schema = Readonly<Record<string, unknown>>;

export const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type Type = (typeof TYPES)[number];

/** Keywords that say nothing about which values are valid. */
const ANNOTATIONS = new Set([
  ...['title', 'description', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment'],
  ...['$schema', '$id', '$defs', 'definitions', '$anchor', 'discriminator', 'strict'],
]);

/** Keywords of each type of value; those without a type hold for all. */
const KEYWORDS: Readonly<Record<string, readonly Type[]>> = {
  type: [],
  enum: [],
  const: [],
  $ref: [],
  allOf: [],
  anyOf: [],
  oneOf: [],
  properties: ['object'],
  required: ['object'],
  additionalProperties: ['object'],
  propertyNames: ['object'],
  minProperties: ['object'],
  maxProperties: ['object'],
  items: ['array'],
  prefixItems: ['array'],
  additionalItems: ['array'],
  minItems: ['array'],
  maxItems: ['array'],
  uniqueItems: ['array'],
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  format: ['string'],
  minimum: ['number'],
  maximum: ['number'],
  exclusiveMinimum: ['number'],
  exclusiveMaximum: ['number'],
  multipleOf: ['number'],
};

/** Whether a keyword says which values are valid, by itself. */
export function isRestriction(key: string): boolean {
  return Object.hasOwn(KEYWORDS, key) && !['$ref', 'allOf', 'anyOf', 'oneOf'].includes(key);
}

/** A schema as an object; null for `true`. Refuses keywords that no grammar here covers. @throws SchemaProblem. */
export function checkKeywords(schema: unknown, pointer: string): Schema | null | false {
  if (schema === true) return null;
  if (schema === false) return false;
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) {
    throw new SchemaProblem(pointer, 'A schema must be an object, true or false');
  }
  for (const key of Object.keys(schema)) {
    if (ANNOTATIONS.has(key) || Object.hasOwn(KEYWORDS, key) || key.startsWith('x-')) continue;
    throw new SchemaProblem(`${pointer}/${key}`, `The keyword "${key.slice(0, 80)}" is not supported`);
  }
  return schema as Schema;
}

/** Types of which a schema may want values: those it names, or those of its keywords; all if it says nothing of any. */
export function wantedTypes(schema: Schema, pointer: string): readonly Type[] {
  if ('type' in schema) {
    const named = Array.isArray(schema.type) ? schema.type : [schema.type];
    const wrong = named.find((name) => !(TYPES as readonly unknown[]).includes(name));
    if (wrong !== undefined) throw new SchemaProblem(`${pointer}/type`, `There is no type ${JSON.stringify(wrong)}`);
    return named as Type[];
  }
  const implied = Object.keys(schema).flatMap((key) => KEYWORDS[key] ?? []);
  return implied.length > 0 ? [...new Set(implied)] : TYPES;
}

export function numberOf(schema: Schema, key: string, pointer: string): number | undefined {
  const value = schema[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new SchemaProblem(`${pointer}/${key}`, `"${key}" must be a number`);
}

/** A number of characters, elements or properties. @param most - The largest that is counted. */
export function countOf(schema: Schema, key: string, pointer: string, most: number): number | undefined {
  const value = numberOf(schema, key, pointer);
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < 0) throw new SchemaProblem(`${pointer}/${key}`, `"${key}" must be a count`);
  if (value > most) throw new SchemaProblem(`${pointer}/${key}`, `"${key}" may be at most ${most}`);
  return value;
}

export function listAt(schema: Schema, key: string, pointer: string): readonly unknown[] | undefined {
  const value = schema[key];
  if (value === undefined || Array.isArray(value)) return value;
  throw new SchemaProblem(`${pointer}/${key}`, `"${key}" must be a list`);
}

export function objectAt(schema: Schema, key: string, pointer: string): Schema | undefined {
  const value = schema[key];
  if (value === undefined) return undefined;
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Schema;
  throw new SchemaProblem(`${pointer}/${key}`, `"${key}" must be an object`);
}

/** A JSON pointer's part for a key. */
export function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
