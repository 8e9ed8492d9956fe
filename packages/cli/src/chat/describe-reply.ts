import type { Reply } from './conversation.ts';

/** The line below an answer: what answered and why, and what it took. A certainty is the router's, of the route: nothing judges the answer. */
export function describeReply({
  route,
  confidence,
  perplexity,
  reason,
  completionTokens,
  finishReason,
  forgotten,
}: Reply): string {
  const sure = `the router is ${((confidence ?? 0) * 100).toFixed(0)}% sure of the route, not of the answer`;
  const why = {
    router: sure,
    chosen: 'chosen',
    perplexity: 'perplexity above the bound',
    'follow-up': `a follow-up, by the route of its question: ${sure}`,
    'no-router': 'no router',
  }[reason];
  return [
    `${route} (${why})`,
    ...(perplexity === null ? [] : [`perplexity ${perplexity.toFixed(1)}`]),
    `${completionTokens} tokens${finishReason === 'stop' ? '' : `, ${finishReason}`}`,
    ...(forgotten > 0 ? [`context full: dropped the ${forgotten} oldest messages`] : []),
  ].join(' · ');
}
