import { median, type Random } from '@cogumi/pure';
import { askStream } from './ask-stream.ts';

/** What is asked of a server at each level. */
export interface Load {
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly vocabularySize: number;
  /** Tokens that would end an answer early. */
  readonly endTokens: readonly number[];
}

/** Figures of so many answers side by side. */
export interface StreamFigures {
  readonly streams: number;
  /** Generated tokens of all streams a second, from the first request to the last token, prompts included. */
  readonly tokensPerSecond: number;
  /** Median over the streams, in milliseconds. */
  readonly firstTokenMs: number;
  /** Median over the streams: tokens a second after the first one; null where all tokens came at once. */
  readonly streamTokensPerSecond: number | null;
}

/** Sends so many requests at once and waits for all. Each has a prompt of its own, so that no cache saves reading it. */
export async function measureStreams(
  url: string,
  streams: number,
  load: Load,
  random: Random,
  signal: AbortSignal,
): Promise<StreamFigures> {
  const { answerTokens, endTokens } = load;
  const answers = await Promise.all(
    Array.from({ length: streams }, () =>
      askStream(url, { prompt: randomPrompt(load, random), maxTokens: answerTokens, banned: endTokens, signal }),
    ),
  );
  const seconds = (Math.max(...answers.map(({ last }) => last)) - Math.min(...answers.map(({ sent }) => sent))) / 1000;
  return {
    streams,
    tokensPerSecond: answers.reduce((sum, { tokens }) => sum + tokens, 0) / seconds,
    firstTokenMs: median(answers.map(({ sent, first }) => first - sent)),
    streamTokensPerSecond: medianOf(
      answers.flatMap(({ first, last, tokens }) => (last > first ? [((tokens - 1) / (last - first)) * 1000] : [])),
    ),
  };
}

/** The median; null of none. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

/** Tokens at random, as llama-bench takes them; of the upper half, since most models have their control tokens first. */
function randomPrompt({ promptTokens, vocabularySize }: Load, random: Random): number[] {
  const least = Math.floor(vocabularySize / 2);
  return Array.from({ length: promptTokens }, () => random.integer(least, vocabularySize - 1));
}
