import type { RouterWeights } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { decideRoute, routerScores, routerShapeProblems } from './router-network.ts';

// Two features, two hidden units, two routes: small enough to compute by hand.
const weights: RouterWeights = {
  schema: 1,
  routes: ['base', 'code'],
  features: { hiddenSize: 2, mean: [1, 0], scale: [2, 1] },
  layers: [
    { inputs: 2, outputs: 2, weights: [1, 0, 0, 1], bias: [0, -1] },
    { inputs: 2, outputs: 2, weights: [1, 0, 0, 2], bias: [0, 0] },
  ],
  perplexityBound: 10,
};

describe('routerScores', () => {
  it('standardises, applies ReLU between layers and ends with a softmax', () => {
    // (3-1)/2 = 1 and 2 → relu(1), relu(2-1) → logits 1 and 2 → softmax: 1 / (1 + e) and e / (1 + e).
    const scores = routerScores(weights, [3, 2]);
    expect(scores[0]).toBeCloseTo(1 / (1 + Math.E), 12);
    expect(scores[1]).toBeCloseTo(Math.E / (1 + Math.E), 12);
    // The ReLU sets -1 and 0 to 0: logits 0 and 0.
    expect(routerScores(weights, [-1, 0])).toEqual([0.5, 0.5]);
  });

  it('refuses another number of features', () => {
    expect(() => routerScores(weights, [1])).toThrow('takes 2 features and got 1');
  });
});

describe('decideRoute', () => {
  it('goes by the network alone where no perplexity was measured', () => {
    const decide = (perplexity: number | null) => decideRoute(weights, { features: [3, 2], perplexity });
    expect(decide(11)).toMatchObject({ at: 0, aboveBound: true });
    expect(decide(null)).toMatchObject({ at: 1, aboveBound: false });
  });
});

describe('routerShapeProblems', () => {
  it('is empty for a network whose shapes match', () => {
    expect(routerShapeProblems(weights)).toEqual([]);
  });

  it('names every shape that does not match', () => {
    const broken = { ...weights, routes: ['code', 'base', 'base'], layers: [{ ...weights.layers[0]!, inputs: 3 }] };
    expect(routerShapeProblems(broken)).toEqual([
      'the first route is "code", not "base"',
      'a route appears twice',
      'layer 0 takes 3 values and gets 2',
      'layer 0 holds 4 weights for 2 x 3',
      '2 scores for 3 routes',
    ]);
  });

  it('wants a bound of the perplexity, unless a layer is read, where there is none', () => {
    const { perplexityBound: _, ...unbound } = weights;
    expect(routerShapeProblems(unbound)).toEqual([
      'it reads the last hidden state and has no bound for the perplexity',
    ]);
    expect(routerShapeProblems({ ...unbound, layer: 3 })).toEqual([]);
  });
});
