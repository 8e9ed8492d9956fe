import type { Message, RouterWeights } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { createRouter } from './create-router.ts';
import { routeConversation } from './route-conversation.ts';

/** Two features: the subject (negative: base, positive: code), and whether the message continues a conversation. */
const features = { hiddenSize: 2, mean: [0, 0], scale: [1, 1] };
const weights: RouterWeights = {
  schema: 1,
  routes: ['base', 'code'],
  features,
  layers: [{ inputs: 2, outputs: 2, weights: [0, 0, 9, 0], bias: [0, 0] }],
  followUp: { features, layers: [{ inputs: 2, outputs: 2, weights: [0, 0, 0, 9], bias: [0, 0] }] },
  perplexityBound: 100,
};
const HIDDEN: Record<string, [number, number]> = {
  'Write a function.': [1, -1],
  'Who was Newton?': [-1, -1],
  'now times 5': [-1, 1],
  'why?': [-1, 1],
};
const turns = (...texts: string[]): Message[] =>
  texts.flatMap((content, at) => [
    ...(at === 0
      ? [{ role: 'system' as const, content: 'Write code.' }]
      : [{ role: 'assistant' as const, content: 'Ok.' }]),
    { role: 'user' as const, content },
  ]);

async function decide(messages: readonly Message[], router = createRouter(weights, 2)) {
  const read: string[] = [];
  const decision = await routeConversation(router, messages, async ({ content }) => {
    read.push(content);
    return { perplexity: 5, hidden: Float32Array.from(HIDDEN[content] as [number, number]) };
  });
  return { ...decision, read };
}

describe('routeConversation', () => {
  it('keeps the route for follow-ups, however many', async () => {
    for (const texts of [['now times 5'], ['now times 5', 'why?', 'why?']]) {
      expect(await decide(turns('Write a function.', ...texts))).toMatchObject({ route: 'code', reason: 'follow-up' });
      expect(await decide(turns('Who was Newton?', ...texts))).toMatchObject({ route: 'base', reason: 'follow-up' });
    }
  });

  it('changes the route with the subject, in both directions, and reads only what it needs', async () => {
    const toBase = await decide(turns('Write a function.', 'now times 5', 'Who was Newton?'));
    expect(toBase).toMatchObject({ route: 'base', reason: 'router', read: ['Who was Newton?'] });
    expect(await decide(turns('Who was Newton?', 'Write a function.'))).toMatchObject({
      route: 'code',
      reason: 'router',
    });
    const after = await decide(turns('Write a function.', 'Who was Newton?', 'why?'));
    expect(after).toMatchObject({ route: 'base', reason: 'follow-up', read: ['why?', 'Who was Newton?'] });
  });

  it('routes a first message by itself, and reads at most eight of a long conversation', async () => {
    expect(await decide(turns('why?'))).toMatchObject({ route: 'base', reason: 'router' });
    const long = await decide(turns('Write a function.', ...Array(2000).fill('why?')));
    expect(long.read).toHaveLength(8);
  });

  it('routes by the last message with a router that cannot tell follow-ups', async () => {
    const { followUp: _, ...older } = weights;
    const decision = await decide(turns('Write a function.', 'now times 5'), createRouter(older, 2));
    expect(decision).toMatchObject({ route: 'base', reason: 'router', read: ['now times 5'] });
  });
});
