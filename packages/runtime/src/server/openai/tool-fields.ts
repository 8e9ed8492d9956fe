import { z } from 'zod';
import { schemaLanguage } from '../../format/json-schema-grammar.ts';
import type { ToolUse } from '../../tools/tool-use.ts';
import { MOST_TOOLS } from '../limits.ts';
import { invalidValue } from '../parse-body.ts';
import { namingField } from './response-format.ts';

export const FunctionName = z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"');

/** What describes a function, in all of OpenAI's APIs. */
export const FUNCTION_FIELDS = {
  name: FunctionName,
  description: z.string().optional(),
  parameters: z.unknown().optional().describe('JSON Schema of the arguments; default: any object.'),
  strict: z
    .boolean()
    .optional()
    .describe('Accepted because clients send it; calls that are demanded are always strict.'),
};

const Tool = z.strictObject({ type: z.literal('function'), function: z.strictObject(FUNCTION_FIELDS) });

export const TOOL_FIELDS = {
  tools: z.array(Tool).max(MOST_TOOLS).optional().describe('Functions that the model may call.'),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: FunctionName }) }),
    ])
    .optional()
    .describe('"auto" (default): the model decides; "required", or a function: calls are enforced by a grammar.'),
  parallel_tool_calls: z.boolean().optional().describe('Whether one answer may have several calls; default true.'),
};

const Fields = z.object(TOOL_FIELDS);

/** A function of a request, in any API's words. */
export interface RequestTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly parameters?: unknown;
  /** The field that holds the schema of its arguments. */
  readonly param: string;
}

/** Whether and which functions are called. `only`: the one that has to be. */
export interface RequestChoice {
  readonly choice: 'none' | 'auto' | 'required';
  readonly only: string | null;
  readonly parallel: boolean;
}

/** @param formatted - Whether the answer has a format: then its calls are enforced as well. @throws ApiError 400. */
export function toolUse(fields: z.infer<typeof Fields>, formatted: boolean): ToolUse | undefined {
  const { tools = [], tool_choice = 'auto', parallel_tool_calls: parallel = true } = fields;
  const named = typeof tool_choice === 'string' ? null : tool_choice.function.name;
  const choice = typeof tool_choice === 'string' ? tool_choice : 'required';
  return usedTools(
    tools.map(({ function: tool }, at) => ({ ...tool, param: `tools[${at}].function.parameters` })),
    { choice, only: named, parallel },
    formatted,
  );
}

/** What the runtime needs of a request's functions; undefined: it uses none. @throws ApiError 400. */
export function usedTools(
  tools: readonly RequestTool[],
  { choice, only, parallel }: RequestChoice,
  formatted: boolean,
): ToolUse | undefined {
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidValue('tools', `tools: two of them have the name "${twice}".`);
  if (only !== null && !names.includes(only)) {
    throw invalidValue('tool_choice', `tool_choice: there is no tool "${only}" among ${names.join(', ') || 'none'}.`);
  }
  if (choice === 'required' && tools.length === 0)
    throw invalidValue('tool_choice', 'tool_choice: there are no tools.');
  if (choice === 'none' || tools.length === 0) return undefined;
  return {
    choice,
    only,
    parallel,
    tools: tools.map(({ name, description, parameters, param }, at) => {
      // Calls that the model makes freely are not enforced, so any schema will do for them.
      const enforced = parameters !== undefined && (formatted || (choice === 'required' && (only ?? name) === name));
      const schema = { allOf: [{ type: 'object' }, parameters] };
      return {
        name,
        ...(description === undefined ? {} : { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
        arguments: enforced ? namingField(param, () => schemaLanguage(schema, `f${at}`)) : null,
      };
    }),
  };
}
