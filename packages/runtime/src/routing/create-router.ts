import { CogumiError, type RouterWeights } from '@cogumi/contracts';
import { decideRoute, routerShapeProblems } from '@cogumi/pure';

export interface RouteDecision {
  /** `base` or a modifier. */
  readonly route: string;
  /** Probability (0..1) that the router gives this route; null when it was not asked. */
  readonly confidence: number | null;
  /** How strange the question is to the base; null when it was not read. */
  readonly perplexity: number | null;
  /** Every route's probability, in the router's order; empty when it was not asked. */
  readonly scores: Readonly<Record<string, number>>;
  readonly reason: RouteReason;
}

/**
 * `chosen`: by the client; `router`: by the network; `strange`: above the perplexity bound, so the base alone;
 * `alone`: the bundle has no router.
 */
export type RouteReason = 'chosen' | 'router' | 'strange' | 'alone';

export interface Router {
  route(prompt: { readonly perplexity: number; readonly hidden: Float32Array }): RouteDecision;
}

/**
 * The router of a bundle: a prompt that is strange to the base is answered by the base alone, every other one by the
 * route the network finds most likely.
 *
 * @throws CogumiError ROUTER_SHAPE when the weights do not fit together or were made for another hidden size.
 */
export function createRouter(weights: RouterWeights, hiddenSize: number): Router {
  const problems = routerShapeProblems(weights);
  if (weights.features.hiddenSize !== hiddenSize) {
    problems.push(`it reads ${weights.features.hiddenSize} features, the base has ${hiddenSize}`);
  }
  if (problems.length > 0) {
    throw new CogumiError(
      'ROUTER_SHAPE',
      `The router cannot be used: ${problems.join('; ')}.`,
      'Train it again on this base.',
    );
  }
  return {
    route({ perplexity, hidden }) {
      const { at, strange, scores: probabilities } = decideRoute(weights, { features: hidden, perplexity });
      const scores = Object.fromEntries(weights.routes.map((route, place) => [route, probabilities[place] as number]));
      const route = weights.routes[at] as string;
      return { route, confidence: scores[route] as number, perplexity, scores, reason: strange ? 'strange' : 'router' };
    },
  };
}
