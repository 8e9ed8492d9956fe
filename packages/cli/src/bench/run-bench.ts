import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { wholeBlocks } from '@cogumi/llama';
import { createRandom, median } from '@cogumi/pure';
import { runLlamaBench } from './llama-bench.ts';
import { type Load, measureStreams, medianOf } from './measure-streams.ts';
import { type MeasuredServer, type ServerSettings, startCogumi, startLlamaServer } from './measured-server.ts';

export interface BenchPlan extends Omit<ServerSettings, 'sequences' | 'contextTokens'> {
  /** Answers side by side, one level after another; the first is 1. */
  readonly levels: readonly number[];
  /** Tokens of the prompt whose reading is measured. */
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly rounds: number;
  readonly vocabularySize: number;
  readonly endTokens: readonly number[];
  /** Paths of llama.cpp's programs; null: not compared. */
  readonly llamaBench: string | null;
  readonly llamaServer: string | null;
  /** Folder for the logs of the servers. */
  readonly logFolder: string;
}

/** The median over the rounds, and of each round's ratio to the other program; null where none was measured. */
export interface Figure {
  readonly value: number | null;
  readonly other: number | null;
  /** `least` and `most`: of the round with the smallest ratio and of that with the largest. */
  readonly ratio: { readonly median: number; readonly least: number; readonly most: number } | null;
}

export interface LevelFigures {
  readonly streams: number;
  readonly tokensPerSecond: Figure;
  readonly firstTokenMs: Figure;
  readonly memoryBytes: { readonly value: number | null; readonly other: number | null };
}

export interface BenchFigures {
  /** Tokens a second, against llama-bench. */
  readonly prompt: Figure;
  readonly generation: Figure;
  /** Against llama-server. */
  readonly levels: readonly LevelFigures[];
}

/** Prompt of each stream (chosen): a question, after which little but generating is measured. */
export const STREAM_PROMPT_TOKENS = 64;

/** Tokens of each answer before the first round (chosen). */
const WARM_TOKENS = 16;

/** Between two measurements: the threads of llama-server wait busily for about 0.1 s after an answer (measured), on the cores of who is next. */
const REST_MS = 300;

/** What is measured in turn: reading a prompt, or so many answers side by side. */
type Step = 'prompt' | number;

/** What one program made of a step. */
interface Sample {
  /** Of the prompt, or of all streams; null: it cannot measure that. */
  readonly tokensPerSecond: number | null;
  /** Of one stream after its first token. */
  readonly streamTokensPerSecond: number | null;
  readonly firstTokenMs: number | null;
  readonly memoryBytes: number | null;
}

/** Measures a step; null: it has nothing to say about it. */
type Program = (step: Step, round: number) => Promise<Sample | null>;

/** Samples of a program, by rounds and by steps. */
type Samples = (Sample | null)[][];

/**
 * Measures this project's server, and llama.cpp's programs on the same file, in alternation: in every round each step is measured with each
 * of them, one right after the other, and the order changes, so that a machine that becomes slower makes all of them slower.
 *
 * @param onRound - Receives the number of finished rounds.
 * @throws CogumiError BENCH_SERVER, BENCH_ANSWER, LLAMA_BENCH; the signal's reason.
 */
export async function runBench(
  plan: BenchPlan,
  signal: AbortSignal,
  onRound: (done: number) => void = () => {},
): Promise<BenchFigures> {
  const { llamaBench, llamaServer, levels, logFolder } = plan;
  const settings = {
    ...plan,
    sequences: Math.max(...levels),
    contextTokens: wholeBlocks(Math.max(plan.promptTokens + 1, STREAM_PROMPT_TOKENS + plan.answerTokens)),
  };
  const steps: readonly Step[] = ['prompt', ...levels];
  const closing: (() => Promise<void>)[] = [];
  const open = async (starting: Promise<MeasuredServer>) => {
    const server = await starting;
    closing.push(server.close);
    await warmUp(server.url, plan, signal);
    return serverProgram(server, plan, signal);
  };
  try {
    const nothing: Program = async () => null;
    const programs: readonly Program[] = [
      await open(startCogumi(settings, join(logFolder, 'cogumi.log'))),
      llamaServer === null
        ? nothing
        : await open(startLlamaServer(llamaServer, settings, join(logFolder, 'llama-server.log'))),
      llamaBench === null ? nothing : benchProgram(llamaBench, plan),
    ];
    const samples: readonly Samples[] = programs.map(() => []);
    const inTurn = programs.map((measure, at) => ({ measure, rounds: samples[at] as Samples }));
    for (let round = 0; round < plan.rounds; round++) {
      for (const { rounds } of inTurn) rounds.push([]);
      for (const step of steps) {
        for (const { measure, rounds } of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
          await sleep(REST_MS, null, { signal });
          rounds.at(-1)?.push(await measure(step, round));
        }
      }
      onRound(round + 1);
    }
    const [ours, server, bench] = samples as [Samples, Samples, Samples];
    return summarize(levels, ours, server, bench);
  } finally {
    for (const close of closing) await close();
  }
}

/**
 * A server that has just started has touched none of its memory and, where it is JavaScript, has compiled nothing. llama-bench does this,
 * too, before it measures.
 */
async function warmUp(url: string, plan: BenchPlan, signal: AbortSignal): Promise<void> {
  const { levels, promptTokens } = plan;
  const random = createRandom('warm up');
  const load = { ...loadOf(plan), answerTokens: WARM_TOKENS };
  await measureStreams(url, 1, { ...load, promptTokens }, random, signal);
  await measureStreams(url, Math.max(...levels), load, random, signal);
}

function serverProgram({ url, memoryBytes }: MeasuredServer, plan: BenchPlan, signal: AbortSignal): Program {
  const { promptTokens } = plan;
  return async (step, round) => {
    // The same prompts for both servers.
    const random = createRandom(`bench ${round} ${step}`);
    if (step !== 'prompt') {
      return { ...(await measureStreams(url, step, loadOf(plan), random, signal)), memoryBytes: memoryBytes() };
    }
    const load = { ...loadOf(plan), promptTokens, answerTokens: 1 };
    const { firstTokenMs } = await measureStreams(url, 1, load, random, signal);
    const tokensPerSecond = (promptTokens / firstTokenMs) * 1000;
    return { tokensPerSecond, streamTokensPerSecond: null, firstTokenMs, memoryBytes: null };
  };
}

function loadOf({ answerTokens, vocabularySize, endTokens }: BenchPlan): Load {
  return { promptTokens: STREAM_PROMPT_TOKENS, answerTokens, vocabularySize, endTokens };
}

function benchProgram(program: string, plan: BenchPlan): Program {
  const sample = { tokensPerSecond: null, streamTokensPerSecond: null, firstTokenMs: null, memoryBytes: null };
  return async (step) => {
    if (step === 'prompt') {
      return { ...sample, tokensPerSecond: await runLlamaBench(program, plan, { read: plan.promptTokens }) };
    }
    if (step !== 1) return null;
    const test = { generate: plan.answerTokens, depth: STREAM_PROMPT_TOKENS };
    return { ...sample, streamTokensPerSecond: await runLlamaBench(program, plan, test) };
  };
}

function summarize(levels: readonly number[], ours: Samples, server: Samples, bench: Samples): BenchFigures {
  const memory = (samples: Samples, step: number) => samples.at(-1)?.[step]?.memoryBytes ?? null;
  return {
    prompt: figure(ours, bench, 0, 'tokensPerSecond'),
    generation: figure(ours, bench, 1, 'streamTokensPerSecond'),
    levels: levels.map((streams, at) => ({
      streams,
      tokensPerSecond: figure(ours, server, at + 1, 'tokensPerSecond'),
      firstTokenMs: figure(ours, server, at + 1, 'firstTokenMs'),
      memoryBytes: { value: memory(ours, at + 1), other: memory(server, at + 1) },
    })),
  };
}

function figure(ours: Samples, others: Samples, step: number, name: keyof Sample): Figure {
  const mine = ours.map((steps) => steps[step]?.[name] ?? null);
  const other = others.map((steps) => steps[step]?.[name] ?? null);
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const ratios = mine.flatMap((value, round) => {
    const against = other[round] ?? null;
    return value === null || against === null ? [] : [value / against];
  });
  return {
    value: medianOf(known(mine)),
    other: medianOf(known(other)),
    ratio:
      ratios.length === 0 ? null : { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
  };
}
