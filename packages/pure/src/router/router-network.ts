/**
 * Most tokens of a message that the router reads (chosen): the beginning of a question shows its subject, and answers of others
 * wait while a prompt is read.
 */
export const ROUTING_TOKENS = 1024;

/** A network over the hidden states of a prompt. Matrices have shape [outputs, inputs], row-major. */
export interface PromptNetwork {
  readonly features: {
    readonly hiddenSize: number;
    readonly mean: readonly number[];
    readonly scale: readonly number[];
  };
  readonly layers: readonly {
    readonly inputs: number;
    readonly outputs: number;
    readonly weights: readonly number[];
    readonly bias: readonly number[];
  }[];
}

/** The weights of a router, as stored in a bundle. */
export interface RouterNetwork extends PromptNetwork {
  readonly routes: readonly string[];
  /** Two outputs: a question, and a message that continues a conversation. */
  readonly followUp?: PromptNetwork | undefined;
  /** The layer that it reads, from 0; undefined: the last hidden state, which comes with the perplexity. */
  readonly layer?: number | undefined;
  /** A prompt whose perplexity exceeds this goes to the base; undefined: no perplexity is measured. */
  readonly perplexityBound?: number | undefined;
}

/**
 * Probability of each route. Training measures the router with this forward pass, and serving uses it: standardise, fully
 * connected layers with ReLU between them, softmax; sums in double precision.
 *
 * @param weights - Layers in order, matrices row-major [outputs, inputs]; with shapes in which `routerShapeProblems` finds no problem.
 * @param features - The base's last hidden state, averaged over the prompt's tokens: `hiddenSize` values.
 * @returns One probability per route, in the order of `weights.routes`; they sum to 1.
 * @throws RangeError if the number of features is not `hiddenSize`.
 */
export function routerScores(weights: PromptNetwork, features: ArrayLike<number>): number[] {
  const { hiddenSize, mean, scale } = weights.features;
  if (features.length !== hiddenSize) {
    throw new RangeError(`The router takes ${hiddenSize} features and got ${features.length}.`);
  }
  let values = mean.map((center, at) => (features[at]! - center) / scale[at]!);
  for (const [at, { inputs, outputs, weights: matrix, bias }] of weights.layers.entries()) {
    const rectified = at < weights.layers.length - 1;
    const next: number[] = [];
    for (let to = 0; to < outputs; to++) {
      let sum = bias[to]!;
      for (let from = 0; from < inputs; from++) sum += matrix[to * inputs + from]! * values[from]!;
      next.push(rectified ? Math.max(0, sum) : sum);
    }
    values = next;
  }
  const highest = Math.max(...values);
  const exponentials = values.map((logit) => Math.exp(logit - highest));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return exponentials.map((value) => value / total);
}

/**
 * Chooses the route of a prompt: the base if the perplexity is above the bound, otherwise the most likely route. The router's
 * confusion matrix and serving both use this function.
 *
 * @returns `at`: index in `weights.routes`; `aboveBound`: true if the perplexity decided; `scores` as `routerScores`.
 */
export function decideRoute(
  weights: RouterNetwork,
  { features, perplexity }: { readonly features: ArrayLike<number>; readonly perplexity: number | null },
): { at: number; aboveBound: boolean; scores: number[] } {
  const scores = routerScores(weights, features);
  const aboveBound = perplexity !== null && perplexity > (weights.perplexityBound ?? Number.POSITIVE_INFINITY);
  return { at: aboveBound ? 0 : scores.indexOf(Math.max(...scores)), aboveBound, scores };
}

/**
 * True if a message continues a conversation ("and what about 7?") and so takes the route of the message before it. False for a
 * router without the network for it.
 */
export function continuesConversation({ followUp }: RouterNetwork, features: ArrayLike<number>): boolean {
  return followUp !== undefined && (routerScores(followUp, features)[1] as number) > 0.5;
}

/** Describes every mismatch between the shapes of the weights; empty if they fit together. */
export function routerShapeProblems({ routes, followUp, ...network }: RouterNetwork): string[] {
  const problems: string[] = [];
  if (network.layer === undefined && network.perplexityBound === undefined) {
    problems.push('it reads the last hidden state and has no bound for the perplexity');
  }
  if (routes[0] !== 'base') problems.push(`the first route is ${JSON.stringify(routes[0])}, not "base"`);
  if (new Set(routes).size !== routes.length) problems.push('a route appears twice');
  problems.push(...networkShapeProblems(network, routes.length, 'routes'));
  if (followUp) {
    problems.push(...networkShapeProblems(followUp, 2, 'kinds of messages').map((problem) => `followUp: ${problem}`));
    if (followUp.features.hiddenSize !== network.features.hiddenSize) {
      problems.push(`followUp reads ${followUp.features.hiddenSize} features, not ${network.features.hiddenSize}`);
    }
  }
  return problems;
}

function networkShapeProblems({ features, layers }: PromptNetwork, outputs: number, of: string): string[] {
  const problems: string[] = [];
  const { hiddenSize, mean, scale } = features;
  if (mean.length !== hiddenSize) problems.push(`${mean.length} means for ${hiddenSize} features`);
  if (scale.length !== hiddenSize) problems.push(`${scale.length} scales for ${hiddenSize} features`);
  if (scale.some((value) => value === 0)) problems.push('a scale is 0');
  let width = hiddenSize;
  for (const [at, { inputs, outputs: rows, weights, bias }] of layers.entries()) {
    if (inputs !== width) problems.push(`layer ${at} takes ${inputs} values and gets ${width}`);
    if (weights.length !== inputs * rows) {
      problems.push(`layer ${at} holds ${weights.length} weights for ${rows} x ${inputs}`);
    }
    if (bias.length !== rows) problems.push(`layer ${at} holds ${bias.length} biases for ${rows} outputs`);
    width = rows;
  }
  if (layers.length === 0) problems.push('it has no layers');
  else if (width !== outputs) problems.push(`${width} scores for ${outputs} ${of}`);
  return problems;
}
