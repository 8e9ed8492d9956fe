import type { RouterWeights } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { createRouter } from './create-router.ts';

const weights: RouterWeights = {
  schema: 1,
  routes: ['base', 'code'],
  features: { hiddenSize: 1, mean: [0], scale: [1] },
  layers: [{ inputs: 1, outputs: 2, weights: [0, 1], bias: [0, 0] }],
  perplexityBound: 20,
};

describe('createRouter', () => {
  const router = createRouter(weights, 1);

  it('takes the most likely route and reports its probability', () => {
    const decision = router.route({ perplexity: 5, hidden: Float32Array.of(Math.log(3)) });
    expect(decision).toMatchObject({ route: 'code', reason: 'router', perplexity: 5 });
    expect(decision.confidence).toBeCloseTo(0.75, 6); // softmax(0, ln 3) = 1/4, 3/4
    expect(decision.scores.base).toBeCloseTo(0.25, 6);
    expect(router.route({ perplexity: 20, hidden: Float32Array.of(-1) }).route).toBe('base');
  });

  it('sends a prompt above the perplexity bound to the base', () => {
    const decision = router.route({ perplexity: 20.1, hidden: Float32Array.of(5) });
    expect(decision).toMatchObject({ route: 'base', reason: 'perplexity' });
    expect(decision.confidence).toBeLessThan(0.01);
  });

  it('refuses weights for another base, and weights whose shapes do not match', () => {
    expect(() => createRouter(weights, 64)).toThrow('reads 1 features, the base has 64');
    expect(() => createRouter({ ...weights, routes: ['base'] }, 1)).toThrow('2 scores for 1 routes');
  });
});
