import type { Message } from '@cogumi/contracts';

/**
 * The part of a conversation that the router reads: only the last user message. Routers are trained on single questions, and
 * a system message that is the same every time would dominate the features.
 */
export function routingMessages(messages: readonly Message[]): Message[] {
  const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1);
  return last ? [{ role: 'user', content: last.content }] : [];
}
