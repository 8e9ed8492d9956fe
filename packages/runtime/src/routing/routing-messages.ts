import type { Message } from '@cogumi/contracts';

/**
 * What the router reads of a conversation: the last thing the user said, alone. Routers are trained on single questions,
 * and a system text that is the same every time would drown them.
 */
export function routingMessages(messages: readonly Message[]): Message[] {
  const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1);
  return last ? [{ role: 'user', content: last.content }] : [];
}
