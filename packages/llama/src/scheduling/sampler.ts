/** Small reproducible random generator with 32 bits of state (mulberry32, public domain by T. Ettinger): enough for sampling. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Index of the largest logit; of equal ones, the first. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  let highest = logits[0] as number;
  for (let token = 1; token < logits.length; token++) {
    const logit = logits[token] as number;
    if (logit > highest) {
      highest = logit;
      best = token;
    }
  }
  return best;
}

/** ln Σ exp(logit), without overflow. A logit minus this value is its token's log-probability. */
export function logSumExp(logits: Float32Array): number {
  const highest = logits[argmax(logits)] as number;
  let sum = 0;
  for (let token = 0; token < logits.length; token++) sum += Math.exp((logits[token] as number) - highest);
  return highest + Math.log(sum);
}

/**
 * Samples tokens from logits. The same seed samples the same tokens from the same logits.
 *
 * @param temperature - 0: greedy; otherwise logits are divided by it.
 * @param topP - Nucleus (Holtzman et al. 2020), 0..1: sample from the smallest set of tokens with this much probability; at
 * least one token stays.
 */
export function createSampler(temperature: number, topP: number, seed: number): (logits: Float32Array) => number {
  if (temperature <= 0) return argmax;
  const random = mulberry32(seed);
  return (logits) => {
    const highest = logits[argmax(logits)] as number;
    const weights = logits.map((logit) => Math.exp((logit - highest) / temperature));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const order = nucleus(weights, topP, whole);
    let left = random() * order.reduce((sum, token) => sum + (weights[token] as number), 0);
    for (const token of order) {
      left -= weights[token] as number;
      if (left <= 0) return token;
    }
    return order[0] as number;
  };
}

/** Tokens to sample from, most likely first. */
function nucleus(weights: Float32Array, topP: number, whole: number): number[] {
  // All tokens below this weight together have less than 1 − topP, so the nucleus ends before them: skip sorting them.
  const minWeight = ((1 - topP) * whole) / weights.length;
  const order: number[] = [];
  weights.forEach((weight, token) => {
    if (weight > 0 && weight >= minWeight) order.push(token);
  });
  order.sort((left, right) => (weights[right] as number) - (weights[left] as number) || left - right);
  let kept = 0;
  let mass = 0;
  while (kept < order.length && mass < topP * whole) mass += weights[order[kept++] as number] as number;
  return order.slice(0, Math.max(1, kept));
}
