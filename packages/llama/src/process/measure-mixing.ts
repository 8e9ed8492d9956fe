import type { MixedEntry } from '../binding/adapter-mixer.ts';
import { cannotMix } from '../binding/adapter-stack.ts';
import { MEASURED_ADAPTERS, type Mixing, type Model } from '../binding/model.ts';
import { equalParts } from '../scheduling/equal-parts.ts';
import { argmax } from '../scheduling/sampler.ts';
import type { MixingReport } from '../types/decisions.ts';
import { finish, type Measurement, processorMs } from './measurement.ts';

/** Streams that are timed (chosen: what a small server has at once). */
const STREAMS = 8;
/** Tokens after the prompt that are compared for each stream: they read what mixed passes put into the cache (chosen). */
const STEPS = 2;
/** Timed passes of each kind, the shortest counts; one where a pass takes long (chosen: all of it takes half a second). */
const PASSES = 4;
const SLOW_MS = 100;
/** A measurement that takes more processor time of a thread is given up: a model of many gigabytes (chosen). */
const MOST_MS = 10_000;
/** Mixed passes have to save this share of the time, above the noise of the shortest pass (chosen). */
const LEAST_GAIN = 0.05;
/**
 * A mixed pass may differ from a request alone by so many times what two requests of one adapter in a pass differ from each alone
 * (chosen), and by this share of the logits' range where that is nothing: sums in another order round 8-bit inputs differently.
 */
const NOISE_TIMES = 4;
const NOISE_SHARE = 0.01;

interface Stream {
  readonly sequence: number;
  readonly adapter: string | null;
  /** The prompt, and the tokens that are read one by one after it, whatever is likely. */
  readonly tokens: readonly number[];
}

/** Logits after the prompt and after each token. */
type Run = readonly Float32Array[];

/**
 * Whether requests with different adapters are decoded in one pass: only if that gives the tokens that each request has alone, and is
 * faster than turns on this machine.
 *
 * @param sequences - Those of requests; all of them are free, and are cleared.
 * @param wanted - True: also if it is slower.
 */
export function decideMixing(model: Model, sequences: number, wanted: boolean | 'measured'): MixingReport {
  return refuseMixing(model, sequences, wanted) ?? finish(measuringMixing(model, sequences, wanted));
}

/** Why passes are not mixed, where that is known without measuring; otherwise null. */
export function refuseMixing(model: Model, sequences: number, wanted: boolean | 'measured'): MixingReport | null {
  const refuse = (reason: string): MixingReport => ({ used: false, reason });
  if (wanted === false || model.mixing === null) return refuse('it is not asked for');
  if (model.adapters.loaded.length === 0) return refuse('there was no adapter when the model was loaded');
  return sequences < 2 ? refuse('requests are decoded one at a time') : null;
}

/** As `decideMixing`, where nothing speaks against it (`refuseMixing`). */
export function* measuringMixing(
  model: Model,
  sequences: number,
  wanted: boolean | 'measured',
): Measurement<MixingReport> {
  const mixing = model.mixing as Mixing;
  const always = wanted === true;
  const adapters = model.adapters.loaded.slice(0, MEASURED_ADAPTERS);
  const refuse = (reason: string): MixingReport => ({ used: false, reason });
  const kinds = [null, ...adapters].slice(0, sequences);
  const { threads } = model.info;
  let spent = 0;
  const timed = (work: () => void) => {
    const ms = processorMs(work) / threads.batch;
    spent += ms;
    return ms;
  };
  const within = (decode: (entries: readonly MixedEntry[]) => void): Decode => {
    return (entries) => {
      const ms = timed(() => {
        decode(entries);
        // Decoding may return before its result is there.
        const last = entries.findLastIndex(({ output }) => output);
        if (last !== -1) model.logits(last);
      });
      if (!always && spent > MOST_MS) {
        throw cannotMix(`measuring takes more than ${MOST_MS / 1000} seconds of the processor`);
      }
      return ms;
    };
  };
  const passes = { plain: within(plainPass(model)), mixed: within(mixing.decode) };
  try {
    for (const name of adapters) {
      timed(() => mixing.learn(name, model.spareSequence));
      yield;
    }
    const count = spent / adapters.length > SLOW_MS ? kinds.length : Math.min(sequences, STREAMS);
    const streams = testStreams(kinds, count, model.info.vocabularySize);
    const check = yield* compare(model, streams, passes);
    if (check.wrong > 0) {
      return { ...refuse(`${check.wrong} of ${check.compared} streams are not as requests alone`), ...check };
    }
    const { turnsMs, mixedMs } = yield* time(model, interleaved(streams, kinds), passes);
    const speedup = turnsMs / mixedMs;
    const figures = `a token of ${streams.length} answers with ${kinds.length} routes takes ${mixedMs.toFixed(1)} ms, in turns ${turnsMs.toFixed(1)} ms`;
    if (!always && mixedMs > turnsMs * (1 - LEAST_GAIN)) return { ...refuse(figures), ...check, speedup };
    return { used: true, reason: figures, ...check, speedup };
  } catch (error) {
    return refuse((error as Error).message);
  } finally {
    mixing.release();
    model.clearAll();
  }
}

/** Streams of one adapter side by side, so that they can share a pass. */
function testStreams(kinds: readonly (string | null)[], count: number, vocabularySize: number): Stream[] {
  return Array.from({ length: count }, (_, sequence) => {
    const kind = Math.floor((sequence * kinds.length) / count);
    const text = sequence - Math.ceil((kind * count) / kinds.length);
    // Any tokens will do. Lengths differ, so that passes have parts; each adapter reads the same.
    const tokens = Array.from(
      { length: STEPS + 3 + text },
      (_, at) => (7919 * (text + 1) + 104_729 * (at + 1)) % vocabularySize,
    );
    return { sequence, adapter: kinds[kind] as string | null, tokens };
  });
}

/** Requests arrive in any order, so that turns have gaps between their sequences, at which llama.cpp splits passes. */
function interleaved(streams: readonly Stream[], kinds: readonly (string | null)[]): Stream[] {
  return streams.map((stream, at) => ({ ...stream, adapter: kinds[at % kinds.length] as string | null }));
}

/** Runs a pass. @returns Milliseconds of processor time of each thread. */
type Decode = (entries: readonly MixedEntry[]) => number;

/** Passes of one adapter, and of several. */
interface Passes {
  readonly plain: Decode;
  readonly mixed: Decode;
}

/** A pass whose tokens all have the adapter of the first. */
function plainPass(model: Model): (entries: readonly MixedEntry[]) => void {
  return (entries) => {
    model.useAdapter(entries[0]?.adapter ?? null);
    model.decode(entries, false);
  };
}

/** Compares mixed passes with each stream alone, by the root mean square of logits over all places. */
function* compare(model: Model, streams: readonly Stream[], { plain, mixed: mix }: Passes) {
  const alone: Run[] = [];
  for (const stream of streams) alone.push((yield* runs(model, [stream], plain))[0] as Run);
  let noise = 0;
  for (const own of Map.groupBy(streams, (stream) => stream.adapter).values()) {
    if (own.length === 1) continue;
    const together = yield* runs(model, own, plain);
    const distances = together.map((run, at) => distance(run, alone[(own[at] as Stream).sequence] as Run));
    noise = Math.max(noise, ...distances);
  }
  const mixed = yield* runs(model, streams, mix);
  const range = Math.max(...alone.flat().map(rangeOf));
  const allowed = Math.max(NOISE_TIMES * noise, NOISE_SHARE * range);
  let difference = 0;
  let ties = 0;
  let wrong = 0;
  for (const [at, stream] of streams.entries()) {
    const [own, got] = [alone[at] as Run, mixed[at] as Run];
    const far = distance(got, own);
    difference = Math.max(difference, far);
    // With another owner a stream is nearer to what that one computes of the same tokens.
    const others = streams.filter(
      ({ tokens, adapter }) => tokens.join() === stream.tokens.join() && adapter !== stream.adapter,
    );
    const nearest = Math.min(...others.map(({ sequence }) => distance(got, alone[sequence] as Run)));
    if (!(far <= allowed) || far > nearest) wrong++;
    ties += got.filter((logits, place) => argmax(logits) !== argmax(own[place] as Float32Array)).length;
  }
  return { compared: streams.length, ties, wrong, noise, difference };
}

/** Runs streams together. */
function* runs(model: Model, streams: readonly Stream[], decode: Decode): Measurement<Run[]> {
  const results = new Map(streams.map(({ sequence }) => [sequence, [] as Float32Array[]] as const));
  for (const { sequence } of streams) model.clearSequence(sequence);
  for (let step = 0; step <= STEPS; step++) {
    const entries = streams.flatMap(({ sequence, adapter, tokens }): MixedEntry[] => {
      const end = tokens.length - STEPS + step;
      const from = step === 0 ? 0 : end - 1;
      return tokens.slice(from, end).map((token, at) => {
        const position = from + at;
        return { token, position, sequence, output: position === end - 1, adapter, scale: 1 };
      });
    });
    for (const part of equalParts(entries)) {
      decode(part);
      for (const [at, { output, sequence }] of part.entries()) {
        if (output) results.get(sequence)?.push(model.logits(at).slice());
      }
      yield;
    }
  }
  return [...results.values()];
}

/** Times of one token for all streams: the shortest of several passes, since other processes share the caches. */
function* time(
  model: Model,
  streams: readonly Stream[],
  { plain, mixed }: Passes,
): Measurement<{ turnsMs: number; mixedMs: number }> {
  for (const { sequence } of streams) model.clearSequence(sequence);
  const positions = streams.map(() => 0);
  const shortest = function* (own: readonly Stream[], decode: Decode): Measurement<number> {
    const times: number[] = [];
    // The first pass plans the graph.
    for (let at = 0; at <= PASSES; at++) {
      const entries = own.map(({ sequence, adapter }) => {
        const position = positions[sequence]!++;
        return { token: 0, position, sequence, output: true, adapter, scale: 1 };
      });
      const taken = decode(entries);
      yield;
      if (at > 0) times.push(taken);
      if (at > 0 && taken > SLOW_MS) break;
    }
    return Math.min(...times);
  };
  const kinds = [...Map.groupBy(streams, (stream) => stream.adapter).values()];
  let turnsMs = 0;
  for (const own of kinds) turnsMs += yield* shortest(own, plain);
  return { turnsMs, mixedMs: yield* shortest(streams, mixed) };
}

/** Root mean square of the differences; infinite where one is not a number. */
function distance(one: Run, other: Run): number {
  let sum = 0;
  let count = 0;
  for (const [place, logits] of one.entries()) {
    const others = other[place] as Float32Array;
    for (let at = 0; at < logits.length; at++) sum += (logits[at]! - others[at]!) ** 2;
    count += logits.length;
  }
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : Math.sqrt(sum / count);
}

function rangeOf(logits: Float32Array): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of logits) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return most - least;
}
