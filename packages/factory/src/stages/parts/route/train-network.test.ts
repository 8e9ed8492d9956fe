import { createRandom, routerScores } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { confusionMatrix } from './confusion-matrix.ts';
import { trainNetwork } from './train-network.ts';

const random = createRandom('router');
const examples = Array.from({ length: 400 }, (_, at) => {
  const label = at % 2;
  return {
    label,
    perplexity: at === 0 ? 50 : 2,
    features: Float32Array.from({ length: 8 }, () => random.next() + (label === 1 ? 0.8 : 0)),
  };
});
const train = () =>
  trainNetwork(
    examples,
    2,
    { hidden: [8], epochs: 20, learningRate: 1e-2, weightDecay: 0, noise: 0.5 },
    createRandom(1),
  );
const network = train();
const weights = { schema: 1 as const, routes: ['base', 'code'], ...network, perplexityBound: 10 };

describe('trainNetwork', () => {
  it('learns two overlapping classes, and the same bits for the same seed', () => {
    expect(confusionMatrix(weights, examples).accuracy).toBeGreaterThan(0.97);
    expect(train()).toEqual(network);
    expect(routerScores(weights, examples[1]!.features).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9);
  });

  it('leaves a feature without variance as it is, instead of dividing by zero', () => {
    const flat = examples.map((example) => ({ ...example, features: Float32Array.of(...example.features, 3) }));
    const options = { hidden: [8], epochs: 2, learningRate: 1e-2, weightDecay: 0, noise: 0.5 };
    const { features, layers } = trainNetwork(flat, 2, options, createRandom(1));
    expect([features.mean[8], features.scale[8]]).toEqual([3, 1]);
    expect(layers.every((layer) => layer.weights.every(Number.isFinite))).toBe(true);
  });
});

describe('confusionMatrix', () => {
  it('sends a prompt that is strange to the base to the base', () => {
    const strange = [{ ...examples[1]!, perplexity: 11 }];
    expect(confusionMatrix(weights, strange).matrix).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});
