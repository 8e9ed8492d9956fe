import type { ChatMessage, ToolCall, ToolDefinition } from '@cogumi/llama';
import { STATED_FORMAT } from './tool-use.ts';

/** A chat for a model whose template knows no tools: functions stand in the system's text, calls and results in turns. */
export function stateTools(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]): ChatMessage[] {
  const stated: ChatMessage[] = [];
  for (const message of messages) {
    const last = stated.at(-1);
    const turn = stateTurn(message);
    // Results of several calls are one turn: many templates want the roles in turn.
    if (message.role === 'tool' && last?.role === 'user' && last.content.endsWith('</tool_response>')) {
      stated[stated.length - 1] = { ...last, content: `${last.content}\n${turn.content}` };
    } else stated.push(turn);
  }
  if (tools.length === 0) return stated;
  const [first, ...rest] = stated;
  if (first?.role === 'system') return [{ role: 'system', content: `${first.content}\n\n${describe(tools)}` }, ...rest];
  return [{ role: 'system', content: describe(tools) }, ...stated];
}

function stateTurn({ toolCalls = [], role, content }: ChatMessage): ChatMessage {
  if (role === 'tool') return { role: 'user', content: `<tool_response>\n${content}\n</tool_response>` };
  if (toolCalls.length === 0) return { role, content };
  const { open, between, close } = STATED_FORMAT;
  const calls = `${open}${toolCalls.map(writeCall).join(between)}${close}`;
  return { role, content: content === '' ? calls : `${content}\n${calls}` };
}

function writeCall({ name, arguments: text }: ToolCall): string {
  return `{"name": ${JSON.stringify(name)}, "arguments": ${text}}`;
}

function describe(tools: readonly ToolDefinition[]): string {
  const functions = tools.map(({ name, description, parameters }) => JSON.stringify({ name, description, parameters }));
  return [
    'You may call these functions. Each line is one, with the JSON Schema of its arguments:',
    ...functions,
    'To call one, write nothing but its name and arguments as JSON between tags; several calls may follow each other:',
    '<tool_call>',
    '{"name": "the name", "arguments": {"an argument": "its value"}}',
    '</tool_call>',
  ].join('\n');
}
