import { randomInt } from 'node:crypto';
import type { ChatMessage } from '@cogumi/llama';
import { schemaLanguage } from '../../format/json-schema-grammar.ts';
import type { ToolUse } from '../../tools/tool-use.ts';
import type { Generation } from '../generation.ts';
import { namingField } from '../openai/response-format.ts';
import { usedTools } from '../openai/tool-fields.ts';
import { AS_SENT, findModel, invalidValue, type OfferedModel, parseBody } from '../parse-body.ts';
import { withoutUndefined } from '../sampling-fields.ts';
import { CountTokensBody, MessagesBody, type PromptFields } from './messages-body.ts';

/** In the input of a call null is a value. */
const KEPT = [...AS_SENT, 'input'];

type RequestMessage = PromptFields['messages'][number];
type Block = Exclude<RequestMessage['content'], string>[number];

/** Checks the body of a message. @throws ApiError 400, or 404 for a model that is not served. */
export function parseMessagesRequest(body: unknown, models: readonly OfferedModel[]): Generation {
  const request = parseBody(MessagesBody, body, undefined, KEPT);
  const model = findModel(request.model, models);
  const schema = request.output_config?.format?.schema;
  const format =
    schema === undefined ? undefined : namingField('output_config.format.schema', () => schemaLanguage(schema));
  return {
    model,
    stream: request.stream ?? false,
    answer: {
      messages: chatMessages(request),
      route: model.route,
      maxTokens: request.max_tokens,
      temperature: request.temperature ?? 0,
      // Two sampled answers should differ.
      seed: randomInt(2 ** 32),
      stop: request.stop_sequences ?? [],
      ...withoutUndefined({
        topP: request.top_p,
        topK: request.top_k,
        format,
        tools: toolsOf(request, format !== undefined),
      }),
    },
  };
}

/** Checks the body of a count of tokens. @throws ApiError as `parseMessagesRequest`. */
export function parseCountRequest(body: unknown, models: readonly OfferedModel[]) {
  const request = parseBody(CountTokensBody, body, undefined, KEPT);
  const model = findModel(request.model, models);
  return {
    model,
    prompt: { messages: chatMessages(request), ...withoutUndefined({ tools: toolsOf(request, false) }) },
  };
}

function toolsOf(
  { tools = [], tool_choice = { type: 'auto' } }: PromptFields,
  formatted: boolean,
): ToolUse | undefined {
  const choices = { auto: 'auto', any: 'required', tool: 'required', none: 'none' } as const;
  return usedTools(
    tools.map(({ input_schema, ...tool }, at) => ({
      ...tool,
      parameters: input_schema,
      param: `tools[${at}].input_schema`,
    })),
    {
      choice: choices[tool_choice.type],
      only: tool_choice.type === 'tool' ? tool_choice.name : null,
      parallel: !('disable_parallel_tool_use' in tool_choice && tool_choice.disable_parallel_tool_use === true),
    },
    formatted,
  );
}

function chatMessages({ system = '', messages }: PromptFields): ChatMessage[] {
  if (messages.at(-1)?.role === 'assistant') {
    throw invalidValue('messages', 'messages: the last one is of the assistant; this server does not continue a turn.');
  }
  const text = textOf(system);
  const turns = messages.flatMap(toMessages);
  return text === '' ? turns : [{ role: 'system', content: text }, ...turns];
}

/** The results of calls are messages of their own, before what the user says to them. */
function toMessages({ role, content }: RequestMessage, at: number): ChatMessage[] {
  if (typeof content === 'string') return [{ role, content }];
  const misplaced = content.find(
    ({ type }) => (type === 'tool_use' && role !== 'assistant') || (type === 'tool_result' && role !== 'user'),
  );
  if (misplaced)
    throw invalidValue(
      `messages[${at}].content`,
      `messages[${at}].content: ${misplaced.type} is not for the role ${role}.`,
    );
  const results = content.flatMap((block): ChatMessage[] =>
    block.type === 'tool_result'
      ? [{ role: 'tool', content: textOf(block.content ?? ''), toolCallId: block.tool_use_id }]
      : [],
  );
  const toolCalls = content.flatMap((block) =>
    block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input) }] : [],
  );
  const text = textOf(content.filter((block) => block.type === 'text'));
  const turn: ChatMessage = { role, content: text, ...(toolCalls.length > 0 ? { toolCalls } : {}) };
  return text === '' && toolCalls.length === 0 && results.length > 0 ? results : [...results, turn];
}

function textOf(content: string | readonly Extract<Block, { type: 'text' }>[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
