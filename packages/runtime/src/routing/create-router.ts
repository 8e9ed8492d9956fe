import { CogumiError, type RouterWeights } from '@cogumi/contracts';
import { continuesConversation, decideRoute, routerShapeProblems } from '@cogumi/pure';

export interface RouteDecision {
  /** `base` or a modifier. */
  readonly route: string;
  /** Probability (0..1) that the router gives this route; null if the router did not run. */
  readonly confidence: number | null;
  /** Perplexity of the question for the base; null if it was not measured. */
  readonly perplexity: number | null;
  /** Probability of every route, in the router's order; empty if the router did not run. */
  readonly scores: Readonly<Record<string, number>>;
  readonly reason: RouteReason;
}

/**
 * Why a route was taken. `chosen`: the client named it; `router`: the network found it most likely; `perplexity`: the prompt's
 * perplexity is above the bound, so the base answers; `follow-up`: the message continues the conversation, and the values are those
 * of the question before it; `no-router`: the bundle has no router.
 */
export type RouteReason = 'chosen' | 'router' | 'perplexity' | 'follow-up' | 'no-router';

/** What the base has read of a message. */
export interface MessageReading {
  /** null: the router reads a layer, and no perplexity was measured. */
  readonly perplexity: number | null;
  readonly hidden: Float32Array;
}

export interface Router {
  /** The layer of the base that it reads, from 0; null: the last hidden state. */
  readonly layer: number | null;
  route(message: MessageReading): RouteDecision;
  /** True if the message continues a conversation and says little by itself. */
  continues(message: MessageReading): boolean;
}

/**
 * Creates the router of a bundle. A prompt with a perplexity above the bound goes to the base; any other prompt goes to the
 * route that the network finds most likely.
 *
 * @throws CogumiError ROUTER_SHAPE if the shapes of the weights do not match, or are for another hidden size.
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
      'Train the router again on this base.',
    );
  }
  return {
    layer: weights.layer ?? null,
    route({ perplexity, hidden }) {
      const { at, aboveBound, scores: probabilities } = decideRoute(weights, { features: hidden, perplexity });
      const scores = Object.fromEntries(weights.routes.map((route, place) => [route, probabilities[place] as number]));
      const route = weights.routes[at] as string;
      return {
        route,
        confidence: scores[route] as number,
        perplexity,
        scores,
        reason: aboveBound ? 'perplexity' : 'router',
      };
    },
    continues: ({ hidden }) => continuesConversation(weights, hidden),
  };
}
