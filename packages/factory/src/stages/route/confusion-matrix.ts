import { type RouterWeights, routerScores } from '@cogumi/contracts';
import type { Example } from './train-network.ts';

/** Rows: the right route; columns: the route taken, by the same forward pass that serves. */
export function confusionMatrix(weights: RouterWeights, examples: readonly Example[]) {
  const matrix = weights.routes.map(() => weights.routes.map(() => 0));
  let right = 0;
  for (const { features, perplexity, label } of examples) {
    const scores = routerScores(weights, features);
    const taken = perplexity > weights.perplexityBound ? 0 : scores.indexOf(Math.max(...scores));
    (matrix[label] as number[])[taken]!++;
    right += Number(taken === label);
  }
  return { matrix, right, prompts: examples.length, accuracy: examples.length === 0 ? 0 : right / examples.length };
}
