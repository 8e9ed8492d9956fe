import { z } from 'zod';
import { LONGEST_STOP, MOST_ID, MOST_MESSAGES, MOST_TOOLS } from '../limits.ts';

/** A hint for a cache, which changes no answer. */
const cache_control = z.unknown().optional();

const Text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control,
  citations: z.array(z.never()).optional(),
});
const ToolUseBlock = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().min(1).max(MOST_ID),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal('direct') }).optional(),
  cache_control,
});
const ToolResultBlock = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1).max(MOST_ID),
  content: z.union([z.string(), z.array(Text)]).optional(),
  is_error: z.boolean().optional(),
  cache_control,
});

const RequestMessage = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [Text, ToolUseBlock, ToolResultBlock])).min(1)]),
});

const Tool = z.strictObject({
  type: z.literal('custom').optional(),
  name: z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"'),
  description: z.string().optional(),
  input_schema: z.unknown(),
  strict: z
    .boolean()
    .optional()
    .describe('Accepted because clients send it; calls that are demanded are always strict.'),
  eager_input_streaming: z.boolean().optional(),
  cache_control,
});

const disable_parallel_tool_use = z.boolean().optional();
const ToolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use }),
  z.strictObject({ type: z.literal('any'), disable_parallel_tool_use }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use }),
  z.strictObject({ type: z.literal('none') }),
]);

/** What a prompt is made of. */
const PROMPT_FIELDS = {
  model: z.string().optional().describe('Default: the bundle with its router.'),
  system: z.union([z.string(), z.array(Text)]).optional(),
  messages: z.array(RequestMessage).min(1).max(MOST_MESSAGES),
  tools: z.array(Tool).max(MOST_TOOLS).optional(),
  tool_choice: ToolChoice.optional(),
  thinking: z.strictObject({ type: z.literal('disabled') }).optional(),
  cache_control,
};

export const MessagesBody = z.strictObject({
  ...PROMPT_FIELDS,
  max_tokens: z.int().positive(),
  temperature: z.number().min(0).max(1).optional().describe('0 (default): always the most likely token.'),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z.array(z.string().min(1).max(LONGEST_STOP)).max(4).optional(),
  stream: z.boolean().optional(),
  metadata: z.strictObject({ user_id: z.string().optional() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  output_config: z
    .strictObject({ format: z.strictObject({ type: z.literal('json_schema'), schema: z.unknown() }).optional() })
    .optional(),
});

export const CountTokensBody = z.strictObject(PROMPT_FIELDS);

export type MessagesFields = z.infer<typeof MessagesBody>;
export type PromptFields = z.infer<typeof CountTokensBody>;
