import type { Domain, DomainResult } from '@cogumi/contracts';
import { type AnswerPair, compareIn } from '../../pair-answers.ts';

/**
 * Right answers by domain, and whether they changed for certain.
 *
 * @param pairs - Ours: what ships; theirs: the model that the build started from.
 * @param routes - The part of the bundle that answers, by domain.
 */
export function domainResults(pairs: readonly AnswerPair[], routes: ReadonlyMap<Domain, string>): DomainResult[] {
  return [...routes].flatMap(([domain, route]) => {
    const { ours, theirs, pairs: questions, interval } = compareIn(pairs, domain, routes.size)!;
    // A judge may have given no verdict on any answer.
    if (questions === 0) return [];
    const [low, high] = interval;
    const change: DomainResult['change'] = low > 1 ? 'up' : high < 1 ? 'down' : 'unclear';
    return [{ domain, route, questions, right: ours, startRight: theirs, change }];
  });
}
