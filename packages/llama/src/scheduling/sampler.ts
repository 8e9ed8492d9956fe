/** Small reproducible generator (mulberry32, public domain by T. Ettinger): 32 bits, enough to draw tokens. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Index of the largest logit; the first of equals. */
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

/** ln of the sum of exp of the logits, without overflow: what a logit is taken from to become a log-probability. */
export function logSumExp(logits: Float32Array): number {
  const highest = logits[argmax(logits)] as number;
  let sum = 0;
  for (let token = 0; token < logits.length; token++) sum += Math.exp((logits[token] as number) - highest);
  return highest + Math.log(sum);
}

/**
 * Draws tokens from logits; the same seed draws the same tokens from the same logits.
 *
 * @param temperature - 0: greedy; else logits are divided by it.
 * @param topP - Nucleus (Holtzman et al. 2020): tokens beyond this much probability are left out; at least one stays.
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

/** Tokens to draw from, the likeliest first. */
function nucleus(weights: Float32Array, topP: number, whole: number): number[] {
  // Tokens below this hold less than 1 − topP together, so the nucleus ends before them and they need no sorting.
  const least = ((1 - topP) * whole) / weights.length;
  const order: number[] = [];
  weights.forEach((weight, token) => {
    if (weight > 0 && weight >= least) order.push(token);
  });
  order.sort((left, right) => (weights[right] as number) - (weights[left] as number) || left - right);
  let kept = 0;
  let mass = 0;
  while (kept < order.length && mass < topP * whole) mass += weights[order[kept++] as number] as number;
  return order.slice(0, Math.max(1, kept));
}
