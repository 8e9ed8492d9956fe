import type { RouterWeights } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';

export interface Example {
  /** The base's hidden state over the prompt, one value a width. */
  readonly features: Float32Array;
  /** null where a layer is read. */
  readonly perplexity: number | null;
  /** Index of the right route. */
  readonly label: number;
}

export interface NetworkOptions {
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Standard deviation of the noise on standardised features. */
  readonly noise: number;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major [outputs, inputs], then the biases. */
  readonly values: Float64Array;
  readonly gradient: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const BATCH = 32;
/** Adam's usual decay rates (Kingma & Ba 2015, alg. 1). */
const BETA1 = 0.9;
const BETA2 = 0.999;
/** A feature that varies by less than this share of its mean is constant: float32 itself resolves 1e-7 (chosen). */
const CONSTANT = 1e-9;

/**
 * Trains a feed-forward classifier (ReLU, softmax, cross-entropy, AdamW, cosine rate) on standardised features. Noise on them, drawn anew at
 * every step, keeps it from learning a few prompts by heart (Bishop 1995, "Training with noise is equivalent to Tikhonov regularization").
 * Plain loops: a few thousand rows of a few hundred features take seconds, and equal seeds give equal bits.
 *
 * @returns The features' mean and scale and the layers, as RouterWeights holds them.
 */
export function trainNetwork(
  examples: readonly Example[],
  routes: number,
  options: NetworkOptions,
  random: Random,
): Pick<RouterWeights, 'features' | 'layers'> {
  const width = examples[0]?.features.length ?? 0;
  const { mean, scale } = standardise(examples, width);
  const inputs = examples.map(({ features }) =>
    Float64Array.from(features, (value, at) => (value - (mean[at] as number)) / (scale[at] as number)),
  );
  const widths = [width, ...options.hidden, routes];
  const layers = widths.slice(1).map((outputs, at) => createLayer(widths[at] as number, outputs, random));

  const noise = normals(random.fork('noise'));
  const batches = Math.ceil(examples.length / BATCH);
  const steps = options.epochs * batches;
  let step = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = random.shuffle([...examples.keys()]);
    for (let batch = 0; batch < batches; batch++) {
      const members = order.slice(batch * BATCH, (batch + 1) * BATCH);
      for (const member of members) {
        const input = inputs[member] as Float64Array;
        const noisy = options.noise === 0 ? input : input.map((value) => value + options.noise * noise());
        accumulate(layers, noisy, (examples[member] as Example).label);
      }
      const rate = options.learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
      step++;
      for (const layer of layers) update(layer, members.length, rate, options.weightDecay, step);
    }
  }
  return {
    features: { hiddenSize: width, mean: round(mean), scale: round(scale) },
    layers: layers.map(({ inputs: from, outputs, values }) => ({
      inputs: from,
      outputs,
      weights: round(values.subarray(0, from * outputs)),
      bias: round(values.subarray(from * outputs)),
    })),
  };
}

function standardise(examples: readonly Example[], width: number) {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const { features } of examples) features.forEach((value, at) => (mean[at]! += value / examples.length));
  for (const { features } of examples) {
    features.forEach((value, at) => (scale[at]! += (value - mean[at]!) ** 2 / examples.length));
  }
  // A constant feature is left as it is. Rounding in its mean makes its variance tiny, seldom zero.
  const deviations = scale.map((variance, at) => {
    const deviation = Math.sqrt(variance);
    return deviation > CONSTANT * Math.abs(mean[at] as number) ? deviation : 1;
  });
  return { mean, scale: deviations };
}

/** Draws from the standard normal distribution, two at a time (Box & Muller 1958). */
function normals(random: Random): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const drawn = spare;
      spare = null;
      return drawn;
    }
    // 1 - u is above 0, so its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

function createLayer(inputs: number, outputs: number, random: Random): Layer {
  const size = inputs * outputs + outputs;
  const values = new Float64Array(size);
  // He et al. 2015, eq. 10, as a uniform distribution of the same variance; biases start at zero.
  const bound = Math.sqrt(6 / inputs);
  for (let at = 0; at < inputs * outputs; at++) values[at] = (random.next() * 2 - 1) * bound;
  return {
    inputs,
    outputs,
    values,
    gradient: new Float64Array(size),
    first: new Float64Array(size),
    second: new Float64Array(size),
  };
}

/** Adds the gradient of one example's cross-entropy to the layers. */
function accumulate(layers: readonly Layer[], input: Float64Array, label: number): void {
  const activations = [input];
  for (const [at, layer] of layers.entries()) {
    activations.push(forward(layer, activations[at] as Float64Array, at < layers.length - 1));
  }
  const logits = activations.at(-1) as Float64Array;
  const highest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  let error: Float64Array = exponentials.map((value, route) => value / sum - Number(route === label));
  for (let at = layers.length - 1; at >= 0; at--) {
    error = backward(layers[at] as Layer, activations[at] as Float64Array, error, at === 0);
  }
}

function forward({ inputs, outputs, values }: Layer, input: Float64Array, rectified: boolean): Float64Array {
  const output = new Float64Array(outputs);
  for (let to = 0; to < outputs; to++) {
    let sum = values[inputs * outputs + to] as number;
    for (let from = 0; from < inputs; from++) sum += (values[to * inputs + from] as number) * (input[from] as number);
    output[to] = rectified ? Math.max(0, sum) : sum;
  }
  return output;
}

function backward(
  { inputs, outputs, values, gradient }: Layer,
  input: Float64Array,
  error: Float64Array,
  first: boolean,
): Float64Array {
  const passed = new Float64Array(inputs);
  for (let to = 0; to < outputs; to++) {
    const delta = error[to] as number;
    // Nothing goes back through a ReLU that was shut.
    if (delta === 0) continue;
    gradient[inputs * outputs + to]! += delta;
    const row = to * inputs;
    for (let from = 0; from < inputs; from++) gradient[row + from]! += delta * (input[from] as number);
    if (first) continue;
    for (let from = 0; from < inputs; from++) {
      if (input[from] !== 0) passed[from]! += delta * (values[row + from] as number);
    }
  }
  return passed;
}

function update(layer: Layer, members: number, rate: number, decay: number, step: number): void {
  const { inputs, outputs, values, gradient, first, second } = layer;
  for (let at = 0; at < values.length; at++) {
    const slope = (gradient[at] as number) / members;
    gradient[at] = 0;
    first[at] = BETA1 * (first[at] as number) + (1 - BETA1) * slope;
    second[at] = BETA2 * (second[at] as number) + (1 - BETA2) * slope * slope;
    const mean = (first[at] as number) / (1 - BETA1 ** step);
    const variance = (second[at] as number) / (1 - BETA2 ** step);
    const shrink = at < inputs * outputs ? decay * (values[at] as number) : 0;
    values[at]! -= rate * (mean / (Math.sqrt(variance) + 1e-8) + shrink);
  }
}

/** Single precision is what the runtime computes in, and shorter to write down. */
function round(values: Float64Array): number[] {
  return Array.from(values, (value) => Number(Math.fround(value).toPrecision(7)));
}
