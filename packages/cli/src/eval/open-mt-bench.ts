import { loadMtBench, type MtBench, type Rater } from '@cogumi/evals';
import { ratingPromptsHash } from '@cogumi/teachers/judging';
import { UsageError } from '../parse-call.ts';
import type { EndpointOptions } from './open-endpoint.ts';
import { type JudgeStanding, judgeOf, openJudge, standingOf } from './open-judge.ts';
import { priceOf } from './read-price.ts';

/** The benchmark that has two turns and a judge. */
export const MT_BENCH = 'mt_bench';

/** What the call says of it. */
export interface MtBenchCall {
  readonly data?: string;
  readonly judge?: string;
  readonly 'judge-price'?: string;
  readonly passport?: string;
}

/** MT-Bench with its judge, ready to be asked. */
export interface OpenMtBench {
  readonly bench: MtBench;
  readonly rater: Rater;
  readonly standing: JudgeStanding;
  close(): Promise<void>;
}

/** Reads the files of MT-Bench and opens its judge. @throws UsageError; as `loadMtBench`, `standingOf`, `openJudge`. */
export async function openMtBench(
  { data, judge: named, passport, 'judge-price': price }: MtBenchCall,
  limit: number | undefined,
  endpoint: Omit<EndpointOptions, 'price'>,
  signal: AbortSignal,
): Promise<OpenMtBench> {
  if (data === undefined) {
    throw new UsageError(`The files of ${MT_BENCH} were not named.`, `For example: --task ${MT_BENCH} --data FastChat`);
  }
  if (named === undefined) {
    throw new UsageError(
      `${MT_BENCH} is rated by a judge, and none was named.`,
      'For example: --judge openai:gpt-5-mini --budget 2',
    );
  }
  const judge = judgeOf(named);
  const judgePrice = priceOf(price, 'judge-price');
  const bench = await loadMtBench(data, limit);
  const standing = await standingOf(judge, passport, ratingPromptsHash(bench.prompts));
  const { close, ...rater } = await openJudge(judge, { ...endpoint, price: judgePrice }, signal);
  return { bench, rater, standing, close };
}
