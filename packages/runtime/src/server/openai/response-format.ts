import { z } from 'zod';
import type { Language } from '../../format/gbnf.ts';
import { objectLanguage, schemaLanguage } from '../../format/json-schema-grammar.ts';
import { SchemaProblem } from '../../format/schema-problem.ts';
import { ApiError } from '../api-error.ts';

export const ResponseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }).describe('Any JSON object.'),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string().max(64).optional(),
      description: z.string().optional(),
      strict: z.boolean().optional().describe('Accepted because clients send it; the schema is always enforced.'),
      schema: z.unknown().optional().describe('JSON Schema; default: any JSON object.'),
    }),
  }),
]);

/** What an answer in a format may be; undefined: any text. @throws ApiError 400 for a schema that is not supported. */
export function formatLanguage(format: z.infer<typeof ResponseFormat> | undefined): Language | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  const schema = format.type === 'json_object' ? undefined : format.json_schema.schema;
  return schema === undefined
    ? objectLanguage()
    : namingField('response_format.json_schema.schema', () => schemaLanguage(schema));
}

/** Runs a conversion of a schema. @throws ApiError 400 in place of a SchemaProblem. */
export function namingField<T>(param: string, convert: () => T): T {
  try {
    return convert();
  } catch (cause) {
    if (!(cause instanceof SchemaProblem)) throw cause;
    throw new ApiError(400, 'invalid_json_schema', `${param}: ${cause.message}.`, { param, cause });
  }
}
