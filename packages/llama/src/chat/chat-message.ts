import { createHash } from 'node:crypto';
import type { Message } from '@cogumi/contracts';

/** A function that a model may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of its arguments. */
  readonly parameters: unknown;
}

/** A call that the model has made. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text of the arguments; cut off if the answer was. */
  readonly arguments: string;
}

/** A message with what belongs to tools: the calls of a turn of the assistant, and the call that a result answers. */
export type ChatMessage = Message & {
  readonly toolCalls?: readonly ToolCall[];
  readonly toolCallId?: string;
};

/** Messages as chat templates expect them, which is OpenAI's shape with arguments as objects. */
export function templateMessages(messages: readonly ChatMessage[]): object[] {
  const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name] as const)));
  return messages.map(({ toolCalls, toolCallId, ...message }) => {
    if (toolCallId !== undefined) {
      return { ...message, tool_call_id: shortId(toolCallId), name: names.get(toolCallId) ?? '' };
    }
    if (toolCalls === undefined) return message;
    return {
      ...message,
      tool_calls: toolCalls.map(({ id, name, arguments: text }) => ({
        id: shortId(id),
        type: 'function',
        function: { name, arguments: parsed(text) },
      })),
    };
  });
}

/** Functions as chat templates expect them. */
export function templateTools(tools: readonly ToolDefinition[]): object[] {
  return tools.map((tool) => ({ type: 'function', function: tool }));
}

/** Mistral's templates want nine letters and digits. */
function shortId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
