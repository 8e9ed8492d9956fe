import type { RouterWeights } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { measureConversations } from './measure-conversations.ts';

const features = { hiddenSize: 2, mean: [0, 0], scale: [1, 1] };
const weights: RouterWeights = {
  schema: 1,
  routes: ['base', 'code'],
  features,
  layers: [{ inputs: 2, outputs: 2, weights: [0, 0, 9, 0], bias: [0, 0] }],
  followUp: { features, layers: [{ inputs: 2, outputs: 2, weights: [0, 0, 0, 9], bias: [0, 0] }] },
  perplexityBound: 100,
};
const example = (label: number, ...hidden: [number, number]) => ({
  label,
  perplexity: 2,
  features: Float32Array.from(hidden),
});

describe('measureConversations', () => {
  it('counts follow-ups that keep the route, and questions that change it', () => {
    const questions = [example(1, 1, -1), example(0, -1, -1), example(1, 1, -1), example(0, -1, 1)];
    // The second follow-up is not seen as one; before it stands a question of the base, whose route it has by chance.
    const followUps = [example(1, -1, 1), example(1, -1, -1), example(1, -1, -1)];
    expect(measureConversations(weights, questions, followUps)).toEqual({
      followUps: { right: 2, conversations: 3 },
      changes: { right: 2, conversations: 3 },
    });
  });

  it('gives no result without questions', () => {
    expect(measureConversations(weights, [], [example(1, 0, 1)])).toEqual({
      followUps: { right: 0, conversations: 0 },
      changes: { right: 0, conversations: 0 },
    });
  });
});
