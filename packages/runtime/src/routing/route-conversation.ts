import type { Message } from '@cogumi/contracts';
import type { MessageReading, RouteDecision, Router } from './create-router.ts';

/** Most user messages that are read for one decision (chosen), so that a long conversation costs no more than a short one. */
const MOST_READ = 8;

/**
 * Decides the route of a conversation by its user messages, the last one first. A message that continues the conversation takes the
 * route of the message before it; one that is a question of its own takes its own, so a new subject changes the route.
 *
 * Each message is read by itself, because the router is trained on single questions. Read together, the first question of a
 * conversation decides for all that follow (measured; docs/log.md). System messages would be the same every time.
 *
 * @param read - Reads one message with the base.
 */
export async function routeConversation(
  router: Router,
  messages: readonly Message[],
  read: (message: Message) => Promise<MessageReading>,
): Promise<RouteDecision> {
  const asked = messages.filter(({ role }) => role === 'user').slice(-MOST_READ);
  const last = asked.pop() ?? (messages.at(-1) as Message);
  let reading = await read(last);
  let decision = router.route(reading);
  while (asked.length > 0 && router.continues(reading)) {
    reading = await read(asked.pop() as Message);
    decision = { ...router.route(reading), reason: 'follow-up' };
  }
  return decision;
}
