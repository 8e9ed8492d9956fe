import type { Model } from '../binding/model.ts';
import type { Threads } from '../types.ts';

/** Passes of a measurement: so many at least, then until the time is over (chosen: all of it adds 0.1 to 0.4 s to a start). */
const LEAST_PASSES = 3;
const MOST_PASSES = 9;
const MEASURE_MS = 40;
/** A first pass above it is the measurement: on a busy machine one pass of two threads can take seconds (measured). */
const SLOW_MS = 100;
/** More threads have to save this share of a pass: they take cores from others (chosen, above the noise of a median). */
const LEAST_GAIN = 0.05;
/** Tokens of a pass that stands for prompts and several answers (chosen: the default number of sequences, twice). */
const BATCH = 8;

/**
 * Measures how many threads make this model fast on this machine as it is now, and sets them. No rule by size knows whether
 * the cores are free: a 4 M model made 4,740 tokens/s on one thread of a busy machine and a tenth of it on two, and a model of 98 MB
 * runs at half speed on one of two free cores (README).
 *
 * @param most - Threads that the model was loaded with.
 */
export function measureThreads(model: Model, most: number): Threads {
  const measure = (tokens: number) =>
    pickThreads(most, (threads) => {
      model.setThreads({ token: threads, batch: threads });
      return passMs(model, tokens);
    });
  const threads = { token: measure(1), batch: measure(BATCH) };
  model.setThreads(threads);
  return threads;
}

/**
 * The number of threads to take: from one upwards by doubling, until more save next to nothing. One comes first, because a pass of
 * several threads may take very long where others use the cores.
 *
 * @param timeOf - What a pass takes with so many.
 */
export function pickThreads(most: number, timeOf: (threads: number) => number): number {
  let best = 1;
  let time = timeOf(1);
  while (best < most) {
    const more = Math.min(most, 2 * best);
    const taken = timeOf(more);
    if (taken > time * (1 - LEAST_GAIN)) break;
    [best, time] = [more, taken];
  }
  return best;
}

/** Median time of a pass in milliseconds, in the sequence that no request uses. */
function passMs(model: Model, tokens: number): number {
  const times: number[] = [];
  let measured = 0;
  // The first pass plans the graph and wakes the threads.
  const first = onePassMs(model, tokens);
  if (first > SLOW_MS) return first;
  while (times.length < MOST_PASSES && (times.length < LEAST_PASSES || measured < MEASURE_MS)) {
    const taken = onePassMs(model, tokens);
    times.push(taken);
    measured += taken;
  }
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] as number;
}

function onePassMs(model: Model, tokens: number): number {
  const sequence = model.spareSequence;
  const began = performance.now();
  model.decode(
    Array.from({ length: tokens }, (_, position) => ({ token: 0, position, sequence, output: true })),
    false,
  );
  // Decoding may return before its result is there.
  model.logits(tokens - 1);
  const taken = performance.now() - began;
  model.clearSequence(sequence);
  return taken;
}
