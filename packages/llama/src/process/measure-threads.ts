import { median } from '@cogumi/pure';
import type { Model } from '../binding/model.ts';
import type { Threads } from '../types/decisions.ts';
import { finish, type Measurement } from './measurement.ts';

/** Pairs of passes of a comparison: so many at least, then until the time is over (chosen: all of it takes 0.2 to 0.6 s). */
const LEAST_PAIRS = 3;
const MOST_PAIRS = 9;
const MEASURE_MS = 80;
/** A first pair that takes longer is the measurement: on a busy machine one pass of two threads can take seconds (measured). */
const SLOW_MS = 200;
/** More threads have to save this share of a pass: they take cores from others (chosen, above the noise of a median). */
const LEAST_GAIN = 0.05;
/** Tokens of a pass that stands for prompts and several answers (chosen: the default number of sequences, twice). */
const BATCH = 8;

/**
 * Measures how many threads make this model fast on this machine as it is now, and sets them. No rule by size knows whether
 * the cores are free: a 4 M model made 4,740 tokens/s on one thread of a busy machine and a tenth of it on two, and a model of 98 MB
 * runs at half speed on one of two free cores (README).
 *
 * Only the clock tells what threads save, so two numbers are compared in pairs of passes, one right after the other: what else goes on
 * makes both slower.
 *
 * @param most - Threads that the model was loaded with.
 */
export function measureThreads(model: Model, most: number): Threads {
  return finish(measuringThreads(model, most));
}

/** As `measureThreads`. Cut off, it sets back the threads of before. */
export function* measuringThreads(model: Model, most: number): Measurement<Threads> {
  let threads = model.info.threads;
  try {
    const token = yield* pickThreads(most, (fewer, more) => timeRatio(model, 1, fewer, more));
    const batch = yield* pickThreads(most, (fewer, more) => timeRatio(model, BATCH, fewer, more));
    threads = { token, batch };
    return threads;
  } finally {
    model.setThreads(threads);
  }
}

/**
 * The number of threads to take: from one upwards by doubling, until more save next to nothing.
 *
 * @param ratioOf - Time of a pass with `more` threads as a multiple of that with `fewer`.
 */
export function* pickThreads(
  most: number,
  ratioOf: (fewer: number, more: number) => Measurement<number>,
): Measurement<number> {
  let best = 1;
  while (best < most) {
    const more = Math.min(most, 2 * best);
    if ((yield* ratioOf(best, more)) > 1 - LEAST_GAIN) break;
    best = more;
  }
  return best;
}

/** Median ratio of the times of two passes, in the sequence that no request uses. */
function* timeRatio(model: Model, tokens: number, fewer: number, more: number): Measurement<number> {
  const ratios: number[] = [];
  let measured = 0;
  while (ratios.length < MOST_PAIRS && (ratios.length <= LEAST_PAIRS || measured < MEASURE_MS)) {
    // Fewer first, because a pass of several threads may take very long where others use the cores.
    const [one, other] = [onePassMs(model, tokens, fewer), onePassMs(model, tokens, more)];
    ratios.push(other / one);
    measured += one + other;
    yield;
    if (one + other > SLOW_MS) break;
  }
  // The first pair plans the graph and wakes the threads.
  return median(ratios.length > 1 ? ratios.slice(1) : ratios);
}

function onePassMs(model: Model, tokens: number, threads: number): number {
  const sequence = model.spareSequence;
  model.setThreads({ token: threads, batch: threads });
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
