import type { Schema, Type } from './schema-keywords.ts';
import { listAt } from './schema-keywords.ts';
import { SchemaProblem } from './schema-problem.ts';

/** Keywords that restrict values beyond their type and a list. */
const BEYOND_TYPE = [
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
  ...['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
];

/** The values that a schema lists and that have one of the types; undefined: it lists none. @throws SchemaProblem. */
export function enumValues(schema: Schema, types: readonly Type[], pointer: string): readonly unknown[] | undefined {
  const listed = 'const' in schema ? [schema.const] : listAt(schema, 'enum', pointer);
  if (!listed) return undefined;
  const beyond = BEYOND_TYPE.find((key) => key in schema);
  if (beyond !== undefined || ('const' in schema && 'enum' in schema)) {
    throw new SchemaProblem(
      `${pointer}/${beyond ?? 'const'}`,
      `"${beyond ?? 'const'}" beside listed values is not supported`,
    );
  }
  return listed.filter((value) => types.some((type) => isOfType(value, type)));
}

export function isOfType(value: unknown, type: Type): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return value !== null && typeof value === 'object' && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      // The other names are those of JavaScript.
      return typeof value === type;
  }
}
