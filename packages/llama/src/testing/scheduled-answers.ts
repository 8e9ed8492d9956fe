import type { Scheduler } from '../scheduling/scheduler.ts';
import type { FinalPiece, GenerateRequest, TextPiece } from '../types/answers.ts';

/** A whole answer. */
export interface Answer extends FinalPiece {
  readonly ids: number[];
  readonly text: string;
  readonly logprobs: number[];
}

/** Runs requests to their ends, without a model's process. */
export async function scheduledAnswers(scheduler: Scheduler, requests: readonly GenerateRequest[]): Promise<Answer[]> {
  const ended = requests.map((request, owner) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const pieces: TextPiece[] = [];
    const end = (final: FinalPiece) =>
      resolve({
        ...final,
        ids: pieces.flatMap(({ ids }) => ids),
        text: pieces.map(({ text }) => text).join(''),
        logprobs: pieces.flatMap(({ logprobs }) => logprobs),
      });
    scheduler.add(owner, request, { text: (piece) => pieces.push(piece), end, fail: reject });
    return promise;
  });
  while (!scheduler.idle) scheduler.step();
  return Promise.all(ended);
}
