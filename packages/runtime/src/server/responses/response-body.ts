import { z } from 'zod';
import { MOST_ID, MOST_MESSAGES, MOST_TOOLS, MOST_TOP_LOGPROBS } from '../limits.ts';
import { ResponseFormat } from '../openai/response-format.ts';
import { FUNCTION_FIELDS, FunctionName } from '../openai/tool-fields.ts';
import { SAMPLING_FIELDS } from '../sampling-fields.ts';

const id = z.string().max(MOST_ID);
/** What clients copy from an earlier response; it changes nothing. */
const COPIED = { id: id.optional(), status: z.enum(['in_progress', 'completed', 'incomplete']).optional() };

const Part = z.strictObject({
  type: z.enum(['input_text', 'output_text']),
  text: z.string(),
  annotations: z.array(z.never()).optional(),
  logprobs: z.array(z.unknown()).optional(),
});

const Message = z.strictObject({
  ...COPIED,
  type: z.literal('message'),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(Part).min(1)]),
});
const Call = z.strictObject({
  ...COPIED,
  type: z.literal('function_call'),
  call_id: id.min(1),
  name: z.string(),
  arguments: z.string(),
});
const Output = z.strictObject({
  ...COPIED,
  type: z.literal('function_call_output'),
  call_id: id.min(1),
  output: z.union([z.string(), z.array(Part)]),
});

const Tool = z.strictObject({ type: z.literal('function'), ...FUNCTION_FIELDS });

const { n: _, stop: __, ...SAMPLING } = SAMPLING_FIELDS;
const [Text, JsonObject] = ResponseFormat.options;
const Format = z.discriminatedUnion('type', [
  Text,
  JsonObject,
  z.strictObject({
    type: z.literal('json_schema'),
    name: z.string().max(64).optional(),
    description: z.string().optional(),
    strict: z.boolean().optional(),
    schema: z.unknown(),
  }),
]);

export const ResponseBody = z.strictObject({
  model: z.string().optional().describe('Default: the bundle with its router.'),
  input: z.union([
    z.string(),
    z
      .array(z.discriminatedUnion('type', [Message, Call, Output]))
      .min(1)
      .max(MOST_MESSAGES),
  ]),
  instructions: z.string().optional().describe('Text of the system, before the input.'),
  max_output_tokens: z.int().positive().optional(),
  ...SAMPLING,
  text: z.strictObject({ format: Format.optional() }).optional(),
  tools: z.array(Tool).max(MOST_TOOLS).optional(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.strictObject({ type: z.literal('function'), name: FunctionName })])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  include: z.array(z.literal('message.output_text.logprobs')).max(1).optional(),
  top_logprobs: z.int().min(0).max(MOST_TOP_LOGPROBS).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_obfuscation: z.literal(false).optional() }).optional(),
  metadata: z.record(z.string(), z.string()).optional().describe('It is sent back.'),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
});

export type ResponseFields = z.infer<typeof ResponseBody>;
