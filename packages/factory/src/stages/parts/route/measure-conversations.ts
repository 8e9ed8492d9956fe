import type { RouterWeights } from '@cogumi/contracts';
import { continuesConversation, decideRoute } from '@cogumi/pure';
import type { Example } from './train-network.ts';

/** How many conversations of two turns were routed right. */
export type ConversationResult = { readonly right: number; readonly conversations: number };

/**
 * Measures conversations of two turns by the rule that serving uses: a message that continues the conversation takes the route of
 * the question before it, any other message its own.
 *
 * @param questions - Held-out questions with the routes they belong to.
 * @param followUps - Held-out messages that continue a conversation; their labels do not count.
 * @returns `followUps`: conversations in which the second message has to keep the route; `changes`: in which it is a question of
 * another route and has to change it.
 */
export function measureConversations(
  weights: RouterWeights,
  questions: readonly Example[],
  followUps: readonly Example[],
): { followUps: ConversationResult; changes: ConversationResult } {
  const { followUps: kept, changes } = conversationOutcomes(weights, questions, followUps);
  return { followUps: count(kept), changes: count(changes) };
}

/** Whether each of these conversations was routed right; see `measureConversations`. */
export function conversationOutcomes(
  weights: RouterWeights,
  questions: readonly Example[],
  followUps: readonly Example[],
): { followUps: readonly boolean[]; changes: readonly boolean[] } {
  const routeOf = (first: Example, second: Example) =>
    decideRoute(weights, continuesConversation(weights, second.features) ? first : second).at;
  const first = (at: number) => questions[at % questions.length] as Example;
  const kept =
    questions.length === 0 ? [] : followUps.map((second, at) => routeOf(first(at), second) === first(at).label);
  const changed = questions.flatMap((second, at) => {
    const before = questions.slice(0, at).findLast(({ label }) => label !== second.label);
    return before ? [routeOf(before, second) === second.label] : [];
  });
  return { followUps: kept, changes: changed };
}

function count(results: readonly boolean[]): ConversationResult {
  return { right: results.filter((right) => right).length, conversations: results.length };
}
