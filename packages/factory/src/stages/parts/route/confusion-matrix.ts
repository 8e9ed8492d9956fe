import type { RouterWeights } from '@cogumi/contracts';
import { decideRoute } from '@cogumi/pure';
import type { Example } from './train-network.ts';

/** Rows: the right route; columns: the route taken, by the same forward pass that serves. */
export function confusionMatrix(weights: RouterWeights, examples: readonly Example[]) {
  const matrix = weights.routes.map(() => weights.routes.map(() => 0));
  let right = 0;
  for (const example of examples) {
    const { at } = decideRoute(weights, example);
    (matrix[example.label] as number[])[at]!++;
    right += Number(at === example.label);
  }
  return { matrix, right, prompts: examples.length, accuracy: examples.length === 0 ? 0 : right / examples.length };
}
