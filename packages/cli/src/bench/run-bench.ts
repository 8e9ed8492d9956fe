import { join } from 'node:path';
import { wholeBlocks } from '@cogumi/llama';
import { createRandom } from '@cogumi/pure';
import { runLlamaBench } from './llama-bench.ts';
import { type Load, measureStreams, median, type StreamFigures } from './measure-streams.ts';
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
  readonly value: number;
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

/** One program's figures of one round. */
interface Round {
  readonly prompt: number | null;
  readonly generation: number | null;
  readonly levels: readonly (StreamFigures & { readonly memoryBytes: number | null })[];
}

/**
 * Measures this project's server, and llama.cpp's programs on the same file, in alternation: in every round each is measured once, and
 * the order changes, so that a machine that becomes slower makes all of them slower.
 *
 * @param onRound - Receives the number of finished rounds.
 * @throws CogumiError BENCH_SERVER, BENCH_ANSWER, LLAMA_BENCH; the signal's reason.
 */
export async function runBench(
  plan: BenchPlan,
  signal: AbortSignal,
  onRound: (done: number) => void = () => {},
): Promise<BenchFigures> {
  const settings = {
    ...plan,
    sequences: Math.max(...plan.levels),
    contextTokens: wholeBlocks(Math.max(plan.promptTokens + 1, STREAM_PROMPT_TOKENS + plan.answerTokens)),
  };
  const ours: Round[] = [];
  const server: Round[] = [];
  const bench: Round[] = [];
  const closing: (() => Promise<void>)[] = [];
  try {
    const cogumi = await startCogumi(settings, join(plan.logFolder, 'cogumi.log'));
    closing.push(cogumi.close);
    const servers = [cogumi];
    const programs = [async (round: number) => ours.push(await measureServer(cogumi, plan, round, signal))];
    if (plan.llamaServer !== null) {
      const other = await startLlamaServer(plan.llamaServer, settings, join(plan.logFolder, 'llama-server.log'));
      closing.push(other.close);
      servers.push(other);
      programs.push(async (round) => server.push(await measureServer(other, plan, round, signal)));
    }
    const { llamaBench } = plan;
    if (llamaBench !== null) programs.push(async () => bench.push(await measureLlamaBench(llamaBench, plan)));
    for (const { url } of servers) await warmUp(url, plan, signal);
    for (let round = 0; round < plan.rounds; round++) {
      for (const measure of round % 2 === 0 ? programs : programs.toReversed()) {
        signal.throwIfAborted();
        await measure(round);
      }
      onRound(round + 1);
    }
  } finally {
    for (const close of closing) await close();
  }
  return summarize(plan, ours, server, bench);
}

/**
 * A server that has just started has touched none of its memory and, where it is JavaScript, has compiled nothing. llama-bench does this,
 * too, before it measures.
 */
async function warmUp(url: string, plan: BenchPlan, signal: AbortSignal): Promise<void> {
  const { levels, promptTokens, vocabularySize, endTokens } = plan;
  const random = createRandom('warm up');
  const load: Load = { promptTokens: STREAM_PROMPT_TOKENS, answerTokens: WARM_TOKENS, vocabularySize, endTokens };
  await measureStreams(url, 1, { ...load, promptTokens }, random, signal);
  await measureStreams(url, Math.max(...levels), load, random, signal);
}

async function measureServer(
  { url, memoryBytes }: MeasuredServer,
  { levels, promptTokens, answerTokens, vocabularySize, endTokens }: BenchPlan,
  round: number,
  signal: AbortSignal,
): Promise<Round> {
  // The same prompts for both servers.
  const random = createRandom(`bench ${round}`);
  const load: Load = { promptTokens: STREAM_PROMPT_TOKENS, answerTokens, vocabularySize, endTokens };
  const read = await measureStreams(url, 1, { ...load, promptTokens, answerTokens: 1 }, random, signal);
  const figures: (StreamFigures & { memoryBytes: number | null })[] = [];
  for (const streams of levels) {
    figures.push({ ...(await measureStreams(url, streams, load, random, signal)), memoryBytes: memoryBytes() });
  }
  return {
    prompt: (promptTokens / read.firstTokenMs) * 1000,
    generation: figures[0]?.streamTokensPerSecond ?? null,
    levels: figures,
  };
}

async function measureLlamaBench(program: string, plan: BenchPlan): Promise<Round> {
  const prompt = await runLlamaBench(program, plan, { read: plan.promptTokens });
  const generation = await runLlamaBench(program, plan, { generate: plan.answerTokens, depth: STREAM_PROMPT_TOKENS });
  return { prompt, generation, levels: [] };
}

function summarize({ levels }: BenchPlan, ours: Round[], server: Round[], bench: Round[]): BenchFigures {
  const last = (rounds: readonly Round[], at: number) => rounds.at(-1)?.levels[at]?.memoryBytes ?? null;
  return {
    prompt: figure(ours, bench, ({ prompt }) => prompt),
    generation: figure(ours, bench, ({ generation }) => generation),
    levels: levels.map((streams, at) => ({
      streams,
      tokensPerSecond: figure(ours, server, (round) => round.levels[at]?.tokensPerSecond ?? null),
      firstTokenMs: figure(ours, server, (round) => round.levels[at]?.firstTokenMs ?? null),
      memoryBytes: { value: last(ours, at), other: last(server, at) },
    })),
  };
}

function figure(ours: readonly Round[], others: readonly Round[], of: (round: Round) => number | null): Figure {
  const mine = ours.map(of);
  const other = others.map(of);
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const ratios = mine.flatMap((value, round) => {
    const against = other[round] ?? null;
    return value === null || against === null ? [] : [value / against];
  });
  return {
    value: median(known(mine)),
    other: known(other).length === 0 ? null : median(known(other)),
    ratio:
      ratios.length === 0 ? null : { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
  };
}
