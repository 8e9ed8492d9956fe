import { median } from '@cogumi/pure';
import type { Model } from '../binding/model.ts';
import type { Threads } from '../types/decisions.ts';

/** Which passes get another number of threads when it is faster: those over one token, and those over several. */
export interface Tuned {
  readonly token: boolean;
  readonly batch: boolean;
}

/** Milliseconds of passes between two trials (chosen: a trial of six passes is a small part of it). A trial in vain doubles it. */
const EVERY_MS = 2000;
const RAREST_MS = 32_000;
/** Passes of a trial with each number of threads (chosen: the median of three leaves one outlier out). */
const PASSES = 3;
/** A first pass so many times slower ends a trial (chosen): beside other work threads can wait for each other for seconds. */
const HOPELESS = 3;
/** More threads have to save this share of a pass, as in `measureThreads`. */
const LEAST_GAIN = 0.05;
/** Passes of other lengths after which a trial is given up (chosen). */
const MOST_OTHERS = 64;

/**
 * Keeps the number of threads of passes right while the load of the machine changes: now and then some passes run with half as many
 * or twice as many, and what was faster stays. Threads of ggml spin until all of them are done with an operation, so that a thread
 * whose core is wanted holds up the others (measured beside other work, SmolLM2 on 2 of 2 cores: a question in 8 s instead of 0.4 s).
 *
 * No pass is run for it alone: the bits of a pass over several tokens do not depend on the number of threads (a product's rows are
 * shared out, and each sum is one thread's; `tune-threads.test.ts`).
 */
export class ThreadTuner {
  readonly #set: (threads: number) => void;
  readonly #most: number;
  readonly #now: () => number;
  #threads: number;
  /** The first passes are a trial: what was measured may be of another day. */
  #spent = EVERY_MS;
  #every = EVERY_MS;
  #upwards = true;
  #trial: { tokens: number; threads: number; own: number[]; other: number[]; skipped: number } | null = null;

  /** @param set - Sets the threads of the next passes. `threads`: those that it begins with. */
  constructor(set: (threads: number) => void, threads: number, most: number, now = () => performance.now()) {
    this.#set = set;
    this.#threads = threads;
    this.#most = most;
    this.#now = now;
  }

  get threads(): number {
    return this.#threads;
  }

  /** Another measurement has found how many are fastest. */
  use(threads: number): void {
    this.#threads = threads;
    this.#trial = null;
    this.#spent = 0;
    this.#every = EVERY_MS;
  }

  /** Runs one pass over so many tokens. */
  run(tokens: number, pass: () => void): void {
    if (this.#most === 1) return pass();
    if (!this.#trial && this.#spent >= this.#every) this.#begin(tokens);
    const trial = this.#trial;
    const tried = trial !== null && trial.tokens === tokens && trial.other.length < trial.own.length;
    if (tried) this.#set(trial.threads);
    const began = this.#now();
    try {
      pass();
    } finally {
      if (tried) this.#set(this.#threads);
    }
    const taken = this.#now() - began;
    if (!trial) this.#spent += taken;
    else if (trial.tokens !== tokens) this.#skip(trial);
    else {
      (tried ? trial.other : trial.own).push(taken);
      this.#judge(trial);
    }
  }

  #begin(tokens: number): void {
    const [more, fewer] = [Math.min(this.#most, 2 * this.#threads), Math.floor(this.#threads / 2)];
    const upwards = fewer === 0 || (this.#upwards && more > this.#threads);
    this.#upwards = !upwards;
    this.#trial = { tokens, threads: upwards ? more : fewer, own: [], other: [], skipped: 0 };
  }

  #skip(trial: { skipped: number }): void {
    trial.skipped++;
    if (trial.skipped > MOST_OTHERS) this.#end(false);
  }

  #judge({ own, other, threads }: { own: number[]; other: number[]; threads: number }): void {
    const hopeless = other.length === 1 && (other[0] as number) > HOPELESS * (own[0] as number);
    if (hopeless) return this.#end(false);
    if (other.length < PASSES) return;
    const [mine, its] = [median(own), median(other)];
    const better = threads > this.#threads ? its < mine * (1 - LEAST_GAIN) : mine > its * (1 - LEAST_GAIN);
    if (better) {
      this.#threads = threads;
      this.#set(threads);
    }
    this.#end(better);
  }

  #end(changed: boolean): void {
    this.#trial = null;
    this.#spent = 0;
    this.#every = changed ? EVERY_MS : Math.min(2 * this.#every, RAREST_MS);
  }
}

/** A model whose passes get threads by the load. */
export interface TunedModel {
  readonly model: Model;
  /** Threads that were measured to be fastest now. */
  use(threads: Threads): void;
}

/** The model with passes whose threads follow the load. @param most - Threads that the model was loaded with. */
export function tuneThreads(model: Model, start: Threads, most: number, tuned: Tuned): TunedModel {
  if (most === 1 || !(tuned.token || tuned.batch)) return { model, use: (threads) => model.setThreads(threads) };
  const threads = { ...start };
  const tunerOf = (kind: keyof Threads) =>
    new ThreadTuner(
      (count) => {
        threads[kind] = count;
        model.setThreads({ ...threads });
      },
      start[kind],
      most,
    );
  const tuners = { token: tunerOf('token'), batch: tunerOf('batch') };
  const decode: Model['decode'] = (entries, hidden) => {
    const kind = entries.length === 1 ? 'token' : 'batch';
    if (!tuned[kind]) return model.decode(entries, hidden);
    tuners[kind].run(entries.length, () => model.decode(entries, hidden));
  };
  return {
    model: Object.create(model, { decode: { value: decode } }) as Model,
    use(measured) {
      Object.assign(threads, measured);
      for (const kind of ['token', 'batch'] as const) tuners[kind].use(measured[kind]);
      model.setThreads({ ...threads });
    },
  };
}
