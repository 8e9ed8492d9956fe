import type { Message } from '@cogumi/contracts';

/**
 * A message as both protocols take it. A row holds the call of a tool as the text of a turn, without an id, so its result is sent as
 * a turn of the user: OpenAI refuses `role: tool` without the `tool_call_id` of a call before it, and Anthropic knows no such role.
 */
export function sentMessage({ role, content }: Message): Pick<Message, 'role' | 'content'> {
  return role === 'tool' ? { role: 'user', content: `Result of the tool:\n${content}` } : { role, content };
}
