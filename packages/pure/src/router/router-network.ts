/** The weights of a router, as a bundle ships them. Matrices are row-major [outputs, inputs]. */
export interface RouterNetwork {
  readonly routes: readonly string[];
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
  /** A prompt whose perplexity exceeds this goes to the base. */
  readonly perplexityBound: number;
}

/**
 * Probability of each route: the one forward pass that the router's training measures and that serving uses.
 * Standardise, then fully connected layers with ReLU between them, then softmax; sums in double precision.
 *
 * @param weights - Layers in order, matrices row-major [outputs, inputs]; shapes as `routerShapeProblems` finds none in.
 * @param features - The base's last hidden state, averaged over the prompt's tokens: `hiddenSize` values.
 * @returns One probability a route, in the order of `weights.routes`; they sum to 1.
 * @throws RangeError when the features are of another width than the router was trained on.
 */
export function routerScores(weights: RouterNetwork, features: ArrayLike<number>): number[] {
  const { hiddenSize, mean, scale } = weights.features;
  if (features.length !== hiddenSize) {
    throw new RangeError(`A router for ${hiddenSize} features was given ${features.length}.`);
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
 * The route of a prompt: what is strange to the base goes to the base alone, every other prompt where the network says.
 * The router's confusion matrix and serving both decide here.
 *
 * @returns `at`: place in `weights.routes`; `scores` as `routerScores`.
 */
export function decideRoute(
  weights: RouterNetwork,
  { features, perplexity }: { readonly features: ArrayLike<number>; readonly perplexity: number },
): { at: number; strange: boolean; scores: number[] } {
  const scores = routerScores(weights, features);
  const strange = perplexity > weights.perplexityBound;
  return { at: strange ? 0 : scores.indexOf(Math.max(...scores)), strange, scores };
}

/** What keeps weights from being a network, in words; empty when the shapes fit together. */
export function routerShapeProblems({ routes, features, layers }: RouterNetwork): string[] {
  const problems: string[] = [];
  const { hiddenSize, mean, scale } = features;
  if (routes[0] !== 'base') problems.push(`the first route is ${JSON.stringify(routes[0])}, not "base"`);
  if (new Set(routes).size !== routes.length) problems.push('a route stands twice');
  if (mean.length !== hiddenSize) problems.push(`${mean.length} means for ${hiddenSize} features`);
  if (scale.length !== hiddenSize) problems.push(`${scale.length} scales for ${hiddenSize} features`);
  if (scale.some((value) => value === 0)) problems.push('a scale is 0');
  let width = hiddenSize;
  for (const [at, { inputs, outputs, weights, bias }] of layers.entries()) {
    if (inputs !== width) problems.push(`layer ${at} takes ${inputs} values and is given ${width}`);
    if (weights.length !== inputs * outputs) {
      problems.push(`layer ${at} holds ${weights.length} weights for ${outputs} x ${inputs}`);
    }
    if (bias.length !== outputs) problems.push(`layer ${at} holds ${bias.length} biases for ${outputs} outputs`);
    width = outputs;
  }
  if (layers.length === 0) problems.push('there is no layer');
  else if (width !== routes.length) problems.push(`${width} scores for ${routes.length} routes`);
  return problems;
}
