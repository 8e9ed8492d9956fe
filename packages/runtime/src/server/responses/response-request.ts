import type { ChatMessage } from '@cogumi/llama';
import { objectLanguage, schemaLanguage } from '../../format/json-schema-grammar.ts';
import type { Generation } from '../generation.ts';
import { namingField } from '../openai/response-format.ts';
import { usedTools } from '../openai/tool-fields.ts';
import { findModel, type OfferedModel, parseBody } from '../parse-body.ts';
import { samplingOptions, withoutUndefined } from '../sampling-fields.ts';
import { RESPONSE_OPTIONS, withoutUnsupported } from '../unsupported.ts';
import { ResponseBody, type ResponseFields } from './response-body.ts';

export interface ResponseRequest extends Generation {
  readonly fields: ResponseFields;
}

type Item = Exclude<ResponseFields['input'], string>[number];

/** Checks the body of a response. @throws ApiError 400, or 404 for a model that is not served. */
export function parseResponseRequest(body: unknown, models: readonly OfferedModel[]): ResponseRequest {
  const fields = parseBody(ResponseBody, body, (given) => {
    const kept = withoutUnsupported(given, RESPONSE_OPTIONS);
    return Array.isArray(kept.input) ? { ...kept, input: kept.input.map(withType) } : kept;
  });
  const model = findModel(fields.model, models);
  const format = formatOf(fields);
  const { tools = [], tool_choice = 'auto', parallel_tool_calls: parallel = true } = fields;
  const chosen = typeof tool_choice === 'string' ? tool_choice : 'required';
  const use = usedTools(
    tools.map((tool, at) => ({ ...tool, param: `tools[${at}].parameters` })),
    { choice: chosen, only: typeof tool_choice === 'string' ? null : tool_choice.name, parallel },
    format !== undefined,
  );
  return {
    model,
    stream: fields.stream ?? false,
    fields,
    answer: {
      messages: chatMessages(fields),
      route: model.route,
      ...samplingOptions(fields),
      ...withoutUndefined({
        maxTokens: fields.max_output_tokens,
        topLogprobs: fields.include?.length === 1 ? (fields.top_logprobs ?? 0) : undefined,
        format,
        tools: use,
      }),
    },
  };
}

/** A message may come without its type. */
function withType(item: unknown): unknown {
  const bare = item !== null && typeof item === 'object' && !Array.isArray(item) && !('type' in item) && 'role' in item;
  return bare ? { ...item, type: 'message' } : item;
}

function formatOf({ text }: ResponseFields) {
  const format = text?.format;
  if (format === undefined || format.type === 'text') return undefined;
  if (format.type === 'json_object') return objectLanguage();
  return namingField('text.format.schema', () => schemaLanguage(format.schema));
}

function chatMessages({ instructions, input }: ResponseFields): ChatMessage[] {
  const messages: ChatMessage[] = instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
  for (const item of input) {
    const last = messages.at(-1);
    // The calls of one turn are items of their own, after its text.
    if (item.type === 'function_call' && last?.role === 'assistant') {
      messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), callOf(item)] };
    } else messages.push(toMessage(item));
  }
  return messages;
}

function toMessage(item: Item): ChatMessage {
  switch (item.type) {
    case 'message':
      return { role: item.role === 'developer' ? 'system' : item.role, content: textOf(item.content) };
    case 'function_call':
      return { role: 'assistant', content: '', toolCalls: [callOf(item)] };
    case 'function_call_output':
      return { role: 'tool', content: textOf(item.output), toolCallId: item.call_id };
  }
}

function callOf({ call_id, name, arguments: text }: Extract<Item, { type: 'function_call' }>) {
  return { id: call_id, name, arguments: text };
}

function textOf(content: string | readonly { readonly text: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
