import { z } from 'zod';
import { jsonObjectGrammar, jsonSchemaGrammar } from '../../format/json-schema-grammar.ts';
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

/** The grammar of an answer in a format; undefined: any text. @throws ApiError 400 for a schema that is not supported. */
export function formatGrammar(format: z.infer<typeof ResponseFormat> | undefined): string | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  if (format.type === 'json_object' || format.json_schema.schema === undefined) return jsonObjectGrammar();
  return schemaGrammar(format.json_schema.schema, 'response_format.json_schema.schema');
}

/** @param param - The field that holds the schema. @throws ApiError 400 that names the keyword at fault. */
export function schemaGrammar(schema: unknown, param: string): string {
  return namingField(param, () => jsonSchemaGrammar(schema));
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
